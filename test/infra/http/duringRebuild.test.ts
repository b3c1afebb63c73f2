import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import { projections } from '../../../src/projections/projections.js';
import { seedWatches } from '../../support/histories/seededHistory.js';
import { startCli, type CliProcess } from '../../support/service/cliProcess.js';
import { memberOf, textOf } from '../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

const FILMS = 80;
/** Between an answer and the next request: a machine with nothing left to give would only rebuild more slowly. */
const PAUSE_MS = 200;
/** Between two watches that are recorded. */
const RECORD_MS = 75;

/** On a machine that is four times slower, and busy; they take half a minute on a busy one. */
const LIMIT_MS = 300_000;

/** What one answer said: how many watches it counts, and the position it is true at. */
interface Seen {
  readonly path: string;
  readonly position: bigint;
  readonly plays: number;
}

/** Where in each answer it stands how many watches there are. */
const counted: Readonly<Record<string, (json: unknown) => number>> = {
  '/me/stats': (json) => Number(memberOf(json, 'moviePlays')),
  '/me/history?limit=500': (json) => (memberOf(json, 'watches') as readonly unknown[]).length,
};

describe('Queries during a rebuild', () => {
  let reellog: RunningReellog;
  let connectionString: string;
  let started: CliProcess[] = [];

  before(async function () {
    this.timeout(LIMIT_MS);
    reellog = await startReellog();
    ({ connectionString } = reellog.reellog);
    await seedWatches(reellog.reellog.eventStore, reellog.owner.userId, FILMS);
    await reellog.caughtUp();
  });
  after(() => reellog.close());
  afterEach(async () => {
    await Promise.all(started.map((process) => process.end('SIGKILL')));
    started = [];
  });

  const rebuild = (...args: readonly string[]): Promise<void> => {
    const process = startCli(['rebuild', ...args], { DATABASE_URL: connectionString });
    started.push(process);
    return process.ended.then(({ code, stderr }) => {
      expect({ code, stderr }).to.deep.include({ code: 0 });
    });
  };
  const schemas = async (): Promise<readonly string[]> => {
    const rows = await reellog.reellog.database.query<{ schema: string }>({
      text: 'select schema from projections.checkpoints order by name',
    });
    return rows.map(({ schema }) => schema);
  };

  /** Asks and asks until the work is done. Every answer is good, and none is of an earlier position than the last. */
  const hammered = async (
    paths: readonly string[],
    look: (path: string, answer: { position: bigint; json: unknown; text: string }) => void,
    work: Promise<void>,
  ): Promise<number> => {
    let over = false;
    let answers = 0;
    const one = async (path: string): Promise<void> => {
      let last = 0n;
      do {
        const answer = await fetch(`${reellog.url}/api/v1${path}`, {
          headers: { authorization: `Bearer ${reellog.owner.token}` },
        });
        const text = await answer.text();
        expect(answer.status, `${path}: ${text}`).to.equal(200);
        const position = BigInt(answer.headers.get('reellog-position') ?? '-1');
        expect(position >= last, `${path}: ${position} after ${last}`).to.equal(true);
        last = position;
        answers += 1;
        look(path, { position, json: JSON.parse(text), text });
        await sleep(PAUSE_MS);
      } while (!over);
    };
    const hammering = Promise.all([...paths, ...paths].map(one));
    try {
      await Promise.race([work, hammering]);
    } finally {
      over = true;
    }
    await Promise.all([work, hammering]);
    return answers;
  };

  it('are answered whole, each by the old rows or by the new, through rebuild, roll-back and dropping', async function () {
    this.timeout(LIMIT_MS);
    const paths = [
      ...['/me/stats', '/me/history?limit=500', '/me/history?limit=20', '/me/streaks'],
      ...['/me/achievements', '/me', '/movies?limit=50', '/me/stats?period=year&year=2004'],
    ];
    const expected = new Map<string, string>();
    for (const path of paths) expected.set(path, (await reellog.api({ path })).text);
    const before = await schemas();
    const answers = await hammered(
      paths,
      (path, { text }) => {
        expect(text, path).to.equal(expected.get(path));
      },
      (async () => {
        await rebuild('--all', '--throttle', '200');
        await rebuild('stats', 'history', '--roll-back');
        await rebuild('stats', 'history', '--drop-previous');
      })(),
    );
    expect(answers).to.be.greaterThan(paths.length * 4);
    const now = await schemas();
    expect(now).to.have.length(projections.length);
    const { text: told } = await reellog.api({ path: '/projections' });
    for (const schema of now) expect(told).to.include(`"schema":"${schema}"`);
    const unchanged = now.filter((schema) => before.includes(schema));
    expect(unchanged).to.have.members(
      before.filter((schema) => /^(stats|history)(_\d+)?$/.test(schema)),
    );
  });

  it('show every watch up to the position that they tell, while more are recorded', async function () {
    this.timeout(LIMIT_MS);
    const paths = Object.keys(counted);
    const first = await reellog.head();
    const recorded: bigint[] = [];
    const seen: Seen[] = [];
    let over = false;
    const record = async (): Promise<void> => {
      for (let nth = 0; !over; nth += 1) {
        const answer = await reellog.api({
          ...{ method: 'POST', path: '/me/watches' },
          body: { tmdbId: 5_000 + nth, watched: { date: '2020-02-02' } },
        });
        expect(answer.status, answer.text).to.equal(201);
        recorded.push(BigInt(textOf(answer.json, 'position')));
        await sleep(RECORD_MS);
      }
    };
    const before = await schemas();
    const recording = record();
    const rebuilt = rebuild('stats', 'history', '--throttle', '80').finally(() => {
      over = true;
    });
    await hammered(
      paths,
      (path, { position, json }) => {
        seen.push({ path, position, plays: counted[path]?.(json) ?? -1 });
      },
      rebuilt,
    );
    await recording;
    await reellog.caughtUp();
    expect(recorded.length).to.be.greaterThan(3);
    expect(await schemas()).not.to.deep.equal(before);
    for (const { path, position, plays } of seen) {
      const shown = FILMS + recorded.filter((one) => one <= position).length;
      expect(plays, `${path} at ${position}, ${first} before`).to.be.at.least(shown);
    }
    for (const path of paths) {
      const last = seen.filter((one) => one.path === path).at(-1);
      expect(last?.plays, path).to.be.at.most(FILMS + recorded.length);
      const { json } = await reellog.api({ path });
      expect(counted[path]?.(json), path).to.equal(FILMS + recorded.length);
    }
    expect(new Set(seen.map(({ plays }) => plays)).size, 'it moved on').to.be.greaterThan(1);
  });
});
