import { EventEmitter } from 'node:events';
import { stripVTControlCharacters } from 'node:util';
import { expect } from 'chai';
import { plain } from '../../../../../src/infra/cli/report/paint.js';
import type { Seen } from '../../../../../src/infra/cli/readModels/watch/projectionsSeen.js';
import {
  watchAsLines,
  watchOnScreen,
  type Look,
} from '../../../../../src/infra/cli/readModels/watch/watchProjections.js';
import { DatabaseUnavailable } from '../../../../../src/infra/postgres/databaseErrors.js';
import { projectionSeen, seenOf } from './seen.js';

/** A terminal that keeps what is written to it. */
class Terminal extends EventEmitter {
  columns = 100;
  rows = 20;
  written: string[] = [];
  write(text: string): boolean {
    this.written.push(text);
    return true;
  }
  /** The frames that were drawn, as a reader sees them. */
  get frames(): readonly string[] {
    return this.written
      .filter((text) => text.startsWith('\u001b[H'))
      .map((text) => stripVTControlCharacters(text).replaceAll('\r', ''));
  }
}

/** A keyboard that knows whether keys come one by one. */
class Keyboard extends EventEmitter {
  raw = false;
  flowing = false;
  setRawMode(raw: boolean): void {
    this.raw = raw;
  }
  resume(): void {
    this.flowing = true;
  }
  pause(): void {
    this.flowing = false;
  }
}

/** Gives one look after the other; then does `last`, and gives what there was before. */
const lookingAt = (looks: readonly (Seen | Error)[], last: () => void): Look => {
  let nth = 0;
  return () => {
    const look = looks[Math.min(nth, looks.length - 1)] ?? seenOf();
    nth += 1;
    if (nth === looks.length) setImmediate(last);
    return look instanceof Error ? Promise.reject(look) : Promise.resolve(look);
  };
};

const never = new AbortController().signal;

describe('Watching the read models on a terminal', () => {
  for (const [key, what] of [
    ['q', 'q'],
    ['\u0003', 'Ctrl-C'],
  ] as const) {
    it(`draws in place until ${what} is pressed, and gives the terminal back as it was`, async () => {
      const output = new Terminal();
      const input = new Keyboard();
      const look = lookingAt(
        [
          seenOf(projectionSeen({ position: 1n })),
          seenOf(projectionSeen({ position: 777n })),
          seenOf(projectionSeen({ position: 999n })),
        ],
        () => {
          expect([input.raw, input.flowing]).to.deep.equal([true, true]);
          input.emit('data', Buffer.from(key));
        },
      );
      await watchOnScreen({ look, signal: never, everyMs: 1 }, { output, input, paint: plain });
      const { frames, written } = output;
      expect(frames[0]).to.include('stats').and.not.include('777');
      expect(frames.join('\n')).to.include('777').and.include('999');
      expect(written[0]).to.equal('\u001b[?1049h\u001b[?25l');
      expect(written.at(-1)).to.equal('\u001b[?25h\u001b[?1049l');
      expect([input.raw, input.flowing]).to.deep.equal([false, false]);
      expect(output.listenerCount('resize') + input.listenerCount('data')).to.equal(0);
    });
  }

  it('draws anew when the terminal changes its size', async () => {
    const output = new Terminal();
    const input = new Keyboard();
    const look = lookingAt([seenOf(projectionSeen({ name: 'achievements' }))], () => {
      output.columns = 12;
      output.rows = 4;
      output.emit('resize');
      input.emit('data', 'q');
    });
    await watchOnScreen({ look, signal: never, everyMs: 60_000 }, { output, input, paint: plain });
    expect(output.frames).to.have.length(2);
    expect(output.frames[0]).to.include('achievements  live');
    const lines = output.frames[1]?.split('\n') ?? [];
    expect(lines).to.have.lengthOf.at.most(4);
    for (const line of lines) expect(line.length).to.be.at.most(12);
  });

  it('says that the database is away, and goes on when it is back', async () => {
    const output = new Terminal();
    const input = new Keyboard();
    const look = lookingAt(
      [
        seenOf(projectionSeen()),
        new DatabaseUnavailable('The database is not there.'),
        seenOf(projectionSeen({ position: 4_711n })),
      ],
      () => input.emit('data', 'q'),
    );
    await watchOnScreen({ look, signal: never, everyMs: 1 }, { output, input, paint: plain });
    expect(output.frames[1]).to.include('The database is not there.').and.include('stats');
    expect(output.frames[2]).to.include('4,711').and.not.include('not there');
  });

  it('gives the terminal back when it fails, and says why', async () => {
    const output = new Terminal();
    const input = new Keyboard();
    const look = () => Promise.reject(new Error('a mistake'));
    const told = await watchOnScreen(
      { look, signal: never },
      { output, input, paint: plain },
    ).catch((error: unknown) => error);
    expect(told).to.be.an('error').with.property('message', 'a mistake');
    expect(output.written.at(-1)).to.equal('\u001b[?25h\u001b[?1049l');
    expect(input.raw).to.equal(false);
  });
});

describe('Watching the read models without a terminal', () => {
  const linesOf = async (
    looks: readonly (Seen | Error)[],
    asJson = false,
  ): Promise<readonly string[]> => {
    const stop = new AbortController();
    const lines: string[] = [];
    const write = (line: string): Promise<void> => {
      lines.push(line);
      return Promise.resolve();
    };
    const look = lookingAt(looks, () => {
      stop.abort();
    });
    await watchAsLines({ look, signal: stop.signal, everyMs: 1 }, { write, asJson });
    return lines;
  };

  const looks = [
    seenOf(projectionSeen(), projectionSeen({ name: 'streaks' })),
    seenOf(projectionSeen(), projectionSeen({ name: 'streaks' })),
    seenOf(projectionSeen(), projectionSeen({ name: 'streaks', position: 1_300n })),
    seenOf(
      projectionSeen({ lagSeconds: 5 }),
      projectionSeen({ name: 'streaks', position: 1_300n }),
    ),
  ];

  it('writes a line for each that has changed', async () => {
    const lines = await linesOf(looks);
    expect(lines.map((line) => line.split(/[ ,]+/).slice(1, 5))).to.deep.equal([
      ['stats', 'live', 'position', '1200'],
      ['streaks', 'live', 'position', '1200'],
      ['streaks', 'live', 'position', '1300'],
    ]);
  });

  it('writes each as JSON where that is wanted', async () => {
    const lines = await linesOf(looks, true);
    expect(lines.map((line): unknown => JSON.parse(line))[2]).to.deep.include({
      ...{ at: '2026-03-01T12:00:00.000Z', name: 'streaks', state: 'live', position: '1300' },
    });
  });

  it('says once that the database is away, and again when it was back in between', async () => {
    const away = new DatabaseUnavailable('The database is not there.');
    const there = seenOf(projectionSeen());
    const lines = await linesOf([away, away, there, away, there]);
    expect(lines.filter((line) => line.includes('trying again'))).to.have.length(2);
  });
});
