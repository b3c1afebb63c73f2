import { expect } from 'chai';
import fc from 'fast-check';
import { columnsOf } from '../../../../../src/infra/cli/report/columns.js';
import { coloured, plain } from '../../../../../src/infra/cli/report/paint.js';
import {
  projectionLine,
  projectionsView,
} from '../../../../../src/infra/cli/readModels/watch/projectionsView.js';
import { projectionSeen, seenOf } from './seen.js';

const room = { columns: 100, rows: 30 };

describe('The live view of the read models', () => {
  it('shows each with its state, its lag in events and in time, its rate and what is parked', () => {
    const seen = seenOf(
      projectionSeen(),
      projectionSeen({
        ...{
          name: 'catalogue',
          schema: 'catalogue_2',
          state: 'catching-up',
          position: 200n,
          lagEvents: 1_000n,
        },
        ...{ lagSeconds: 125, rate: 40_000.4, parked: 2 },
      }),
    );
    const [heading, ...lines] = projectionsView(seen, { room, paint: plain });
    expect(heading).to.match(/^Reellog: 2 read models, the log at 1,200, \d\d:\d\d:\d\d$/);
    expect(lines).to.deep.equal([
      'name       state        schema       position    lag    age  events/s  parked',
      'stats      live         stats           1,200      0      –         0       0',
      'catalogue  catching-up  catalogue_2       200  1,000  2 min    40,000       2',
      'q: quit',
    ]);
  });

  it('shows below a read model how far it is made anew, and why it does not go on', () => {
    const seen = seenOf(
      projectionSeen({
        rebuild: { state: 'replaying', share: 0.6, rate: 41_000, secondsLeft: 3.24 },
      }),
      projectionSeen({ name: 'streaks', rebuild: { state: 'waiting', share: 0, rate: 0 } }),
      projectionSeen({ name: 'history', state: 'failing', error: 'no\n\u001b[31mroom' }),
    );
    const lines = projectionsView(seen, { room, paint: plain });
    expect(lines).to.include(
      '  rebuild: replaying ████████████░░░░░░░░ 60 %, 41,000 events/s, 3.2 s left',
    );
    expect(lines).to.include('  rebuild: waiting');
    expect(lines).to.include('  no [31mroom');
  });

  it('makes what needs somebody stand out', () => {
    const of = (change: object): string =>
      projectionsView(seenOf(projectionSeen(change)), { room, paint: coloured })[2] ?? '';
    expect(of({})).to.not.include('\u001b');
    for (const change of [{ parked: 1 }, { stalled: true }, { state: 'failing' }]) {
      expect(of(change)).to.include('\u001b[33m');
    }
    expect(of({ stalled: true })).to.include('live (stalled)');
  });

  it('keeps what it saw when the database is away, and says so', () => {
    const away = 'The database is away';
    const before = projectionsView(undefined, { room, paint: plain, away });
    expect(before).to.deep.equal(['Reellog', `${away}; trying again. q: quit`]);
    const lines = projectionsView(seenOf(projectionSeen()), { room, paint: plain, away });
    expect(lines.at(-1)).to.equal(`${away}; trying again. q: quit`);
    expect(lines.join('\n')).to.include('stats');
  });

  it('is never wider or higher than the screen', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 200 }),
        fc.integer({ min: 1, max: 60 }),
        fc.array(
          fc.record({
            name: fc.string({ minLength: 1, maxLength: 30 }),
            position: fc.bigInt({ min: 0n, max: 10n ** 18n }),
            error: fc.string({ unit: 'grapheme', maxLength: 300 }),
          }),
          { maxLength: 20 },
        ),
        (columns, rows, projections) => {
          const seen = seenOf(...projections.map(projectionSeen));
          const lines = projectionsView(seen, { room: { columns, rows }, paint: coloured });
          expect(lines.length).to.be.at.most(rows);
          for (const line of lines) expect(columnsOf(line)).to.be.at.most(columns);
        },
      ),
    );
  });
});

describe('A line for a read model', () => {
  it('tells the same in one line, and of what is as it should be no more than needed', () => {
    const at = new Date('2026-03-01T12:00:00Z');
    expect(projectionLine(at, projectionSeen())).to.equal(
      '2026-03-01T12:00:00.000Z stats live, position 1200, lag 0 events, 0 s',
    );
    const much = projectionSeen({
      ...{
        state: 'failing',
        error: 'no\nroom',
        schema: 'stats_2',
        lagEvents: 3n,
        lagSeconds: 1.26,
        parked: 1,
      },
      ...{ stalled: true, rebuild: { state: 'indexing', share: 1, rate: 0 } },
    });
    expect(projectionLine(at, much)).to.equal(
      '2026-03-01T12:00:00.000Z stats failing stalled, rows in stats_2, position 1200, lag 3 events, 1.3 s, ' +
        'parked 1, rebuild indexing 100 %, no room',
    );
  });
});
