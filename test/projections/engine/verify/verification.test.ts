import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type pg from 'pg';
import { v7 as uuidv7 } from 'uuid';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { achievements } from '../../../../src/projections/achievements/achievements.js';
import { history } from '../../../../src/projections/history/history.js';
import type { Projection } from '../../../../src/projections/ports/projection.js';
import { ratings } from '../../../../src/projections/ratings/ratings.js';
import { stats } from '../../../../src/projections/stats/stats.js';
import { streaks } from '../../../../src/projections/streaks/streaks.js';
import { watchlist } from '../../../../src/projections/watchlist/watchlist.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { scratchSchemas, verified, type Verified } from '../../../support/readModels/verifying.js';
import {
  inWorld,
  viewingHistories,
  type RecordedViewing,
} from '../../../support/histories/viewingHistories.js';

const followed: readonly Projection[] = [
  ...[achievements, history, ratings, stats, streaks, watchlist],
];

function* inOneWorldAfterAnother(events: readonly RecordedViewing[]) {
  for (let world = 1; ; world += 1) yield* inWorld(world, events);
}

/** The longest of some. */
const someHistory = fc
  .sample(viewingHistories(60), { seed: 7, numRuns: 20 })
  .reduce((longest, one) => (one.length > longest.length ? one : longest));

/** Between two events written meanwhile: whoever writes without end is verified without end. */
const PAUSE_MS = 10;

describe('A verification of read models', () => {
  let fresh: FreshDatabase;
  let service: ProjectionProcess;
  let isFollowing: boolean;

  beforeEach(async () => {
    fresh = await freshDatabase();
    service = await openProjectionProcess(fresh.connectionString, followed);
    isFollowing = false;
  });
  afterEach(async () => {
    await service.close();
    await fresh.drop();
  });

  const append = async (events: readonly RecordedViewing[]): Promise<void> => {
    for (const { stream, type, data, metadata } of events) {
      const event = { id: uuidv7(), type, data, metadata };
      await service.eventStore.append(stream, [event], { expectedRevision: 'any' });
    }
  };
  /** What is in the log before the first time the read models take in one page. */
  const caughtUp = async (): Promise<void> => {
    if (!isFollowing) service.engine.start();
    isFollowing = true;
    await eventually('the read models have caught up', async () =>
      (await service.engine.status()).every(
        ({ lagEvents, worker }) => lagEvents === 0n && worker.state === 'live',
      ),
    );
  };
  const verify = (options: Parameters<typeof verified>[1] = {}) =>
    verified({ ...service, projections: followed }, options);
  const change = (text: string) => service.database.query({ text });

  const expectSame = (all: readonly Verified[], names = followed.map(({ name }) => name)): void => {
    expect(all.flatMap(({ differences }) => differences)).to.deep.equal([]);
    expect(all.map(({ name }) => name)).to.have.members(names);
    for (const { name, verdict } of all) {
      expect(verdict, name).to.deep.include({
        outcome: 'compared',
        counts: { missing: 0, surplus: 0, differs: 0 },
      });
    }
  };
  const rowsOf = ({ verdict }: Verified): number =>
    verdict.outcome === 'compared'
      ? [...verdict.rows.values()].reduce((sum, rows) => sum + Number(rows), 0)
      : 0;
  const positionOf = ({ verdict }: Verified): bigint =>
    verdict.outcome === 'compared' ? verdict.served.position : -1n;

  it('finds rows that were followed live as a rebuild makes them, whatever the history', async () => {
    let world = 0;
    await fc.assert(
      fc.asyncProperty(viewingHistories(60), async (events) => {
        await append(inWorld((world += 1), events));
        await caughtUp();
        const all = await verify();
        expectSame(all);
        const head = await service.eventStore.headPosition();
        for (const one of all) expect(positionOf(one) <= head, one.name).to.equal(true);
      }),
      { numRuns: 4 },
    );
    // Those of chance may all be empty.
    await append(inWorld((world += 1), someHistory));
    await caughtUp();
    expect((await verify()).every((one) => rowsOf(one) > 0)).to.equal(true);
    expect(await scratchSchemas(service.database)).to.deep.equal([]);
  });

  it('tells of a row that was changed, one that was deleted and one that was added, by table, key and column', async () => {
    await append(someHistory);
    await caughtUp();
    const [total] = await service.database.query<{ user_id: string; plays: number }>({
      text: `update stats.totals set plays = plays + 1 where (user_id, period) in
               (select user_id, period from stats.totals where period = 'all' limit 1)
             returning user_id, plays`,
    });
    const [day] = await service.database.query<{ row: Record<string, unknown> }>({
      text: `delete from stats.days d where (user_id, local_date) in
               (select user_id, local_date from stats.days limit 1) returning to_jsonb(d) as row`,
    });
    const added = uuidv7();
    await change(`insert into stats.totals values ('${added}', '1999', 1, 2, 3, 4, 5)`);

    const [found] = await verify({ names: ['stats'] });
    const { local_date, user_id, ...values } = day?.row ?? {};
    const zeros = Object.entries({ plays: 1, titles: 2, minutes: 3 });
    expect(found?.verdict).to.deep.include({ counts: { missing: 1, surplus: 1, differs: 1 } });
    expect(found?.differences).to.have.length(3);
    expect(found?.differences).to.deep.include({
      ...{ table: 'days', kind: 'missing', key: { user_id, local_date } },
      columns: Object.keys(values)
        .sort()
        .map((column) => ({ column, served: null, rebuilt: values[column] })),
    });
    expect(found?.differences).to.deep.include({
      ...{ table: 'totals', kind: 'differs', key: { user_id: total?.user_id, period: 'all' } },
      columns: [{ column: 'plays', served: total?.plays, rebuilt: Number(total?.plays) - 1 }],
    });
    const surplus = found?.differences.find(({ kind }) => kind === 'surplus');
    expect(surplus).to.deep.include({ table: 'totals', key: { user_id: added, period: '1999' } });
    for (const [column, served] of zeros) {
      expect(surplus?.columns).to.deep.include({ column, served, rebuilt: null });
    }
  });

  it('tells of every row, however many there are', async () => {
    await append(someHistory);
    await caughtUp();
    await change(
      `insert into stats.tallies select '${uuidv7()}', 'all', 'genre', n::text, 1, 1
       from generate_series(1, 1234) n`,
    );
    const [found] = await verify({ names: ['stats'] });
    expect(found?.verdict).to.deep.include({ counts: { missing: 0, surplus: 1234, differs: 0 } });
    const names = found?.differences.map(({ key }) => String(key.name));
    expect(new Set(names).size).to.equal(1234);
  });

  it('takes nothing for a difference that is written while it compares', async () => {
    const names = ['history', 'stats', 'achievements'];
    await append(someHistory);
    await caughtUp();
    const stopped = new AbortController();
    let written = 0;
    const writing = (async () => {
      for (const event of inOneWorldAfterAnother(someHistory)) {
        if (stopped.signal.aborted) return;
        await append([event]);
        written += 1;
        await sleep(PAUSE_MS);
      }
    })();
    try {
      let last = 0n;
      for (let times = 0; times < 2; times += 1) {
        const before = written;
        const all = await verify({ names });
        expectSame(all, names);
        const [position = 0n] = all.map(positionOf);
        expect(position >= last).to.equal(true);
        last = position;
        expect(written).to.be.greaterThan(before);
      }
    } finally {
      stopped.abort();
      await writing;
    }
    await caughtUp();
    expectSame(await verify({ names }), names);
  });

  it('does not compare what the code would make otherwise, or what was never made', async () => {
    await append(someHistory);
    await caughtUp();
    const newer = { ...stats, version: stats.version + 1 };
    const unheardOf = { ...stats, name: 'unheard_of' };
    const changed = {
      ...streaks,
      tables: `${streaks.tables}; create table more (id integer primary key)`,
    };
    const projections = [newer, unheardOf, changed, history];
    const all = await verified({ ...service, projections });
    const reasons = all.map(({ verdict }) =>
      verdict.outcome === 'not-compared' ? verdict.reason : 'compared',
    );
    expect(all.map(({ name }, nth) => `${name}: ${reasons[nth]}`)).to.have.members([
      `stats: version ${stats.version} is served, and this is Reellog with version ${newer.version}`,
      'unheard_of: it is not made yet',
      'streaks: the tables that are served (days) are not those of the code (days, more)',
      'history: compared',
    ]);
    expect(await scratchSchemas(service.database)).to.deep.equal([]);
  });

  it('goes on with the others where one cannot be rebuilt, and leaves nothing behind', async () => {
    await append(someHistory);
    await caughtUp();
    const broken: Projection = {
      ...streaks,
      folds: {
        prefixes: streaks.folds?.prefixes ?? [],
        begin: () => ({
          add: () => {
            throw new Error('no such day');
          },
        }),
      },
    };
    const [one, other] = await verified({ ...service, projections: [broken, stats] });
    expect(one).to.deep.include({
      verdict: { outcome: 'not-compared', reason: 'it cannot be rebuilt: no such day' },
    });
    expectSame(other ? [other] : [], ['stats']);
    expect(await scratchSchemas(service.database)).to.deep.equal([]);
  });

  it('leaves out what was parked and discarded, and says how much', async () => {
    await service.close();
    let poisoned = true;
    const picky: typeof stats = {
      ...stats,
      project: (events, tx, past) => {
        if (poisoned && events.some(({ position }) => position === poison)) {
          return Promise.reject(new Error('cannot be counted'));
        }
        return stats.project(events, tx, past);
      },
    };
    service = await openProjectionProcess(fresh.connectionString, [picky], {
      onPoison: () => 'park',
    });
    await append(someHistory);
    const { events } = await service.eventStore.readAll({ filter: { types: stats.handles } });
    const poison = events[2]?.position;
    await caughtUp();
    poisoned = false;
    const [before] = await verify({ names: ['stats'] });
    expectSame(before ? [before] : [], ['stats']);
    expect(before?.verdict).to.have.nested.include({
      ...{ 'leftOut.parked': 1, 'leftOut.discarded': 0, 'leftOut.late': 0 },
    });
    const [parked] = await service.parked.list();
    if (parked) await service.parked.discard(parked, { actor: 'test', reason: 'not counted' });
    const [after] = await verify({ names: ['stats'] });
    expectSame(after ? [after] : [], ['stats']);
    expect(after?.verdict).to.have.nested.include({
      ...{ 'leftOut.parked': 0, 'leftOut.discarded': 1, 'leftOut.late': 0 },
    });
    // Without it the rows are others than with it.
    await change(`delete from projections.parked_events`);
    const [told] = await verify({ names: ['stats'] });
    expect(told?.differences).to.have.lengthOf.above(0);
  });

  describe('that is ended', () => {
    beforeEach(async () => {
      await append(someHistory);
      await caughtUp();
    });

    it('in the replay drops what it has made', async () => {
      const stop = new AbortController();
      let there: Promise<readonly string[]> | undefined;
      const onProgress = (): void => {
        there ??= scratchSchemas(service.database).finally(() => {
          stop.abort(new Error('enough'));
        });
      };
      const throttled = verify({ signal: stop.signal, onProgress, eventsPerSecond: 1 });
      expect(await messageOf(throttled)).to.equal('enough');
      expect(await there).to.have.length(followed.length);
      expect(await scratchSchemas(service.database)).to.deep.equal([]);
    });

    it('while its tables are made ends the statement, and says why it is ended', async () => {
      const stop = new AbortController();
      const slow: Projection = { ...stats, tables: `${stats.tables}; select pg_sleep(60)` };
      const ended = messageOf(
        verified({ ...service, projections: [slow] }, { signal: stop.signal }),
      );
      await eventually('its tables are being made', async () => {
        const sleeping = await service.database.query({
          text: `select from pg_stat_activity
                 where datname = current_database() and wait_event = 'PgSleep'`,
        });
        return sleeping.length === 1;
      });
      stop.abort(new Error('enough'));
      expect(await ended).to.equal('enough');
      expect(await scratchSchemas(service.database)).to.deep.equal([]);
    });

    /** Until it is released nobody can read what is served. */
    const withLocked = async (work: (session: pg.Client) => Promise<void>): Promise<void> => {
      await service.engine.stop();
      const session = await service.database.session();
      try {
        await session.query('begin');
        await session.query('lock table stats.totals in access exclusive mode');
        await work(session);
      } finally {
        await session.end();
      }
    };
    const waitsForLock = () =>
      eventually('a verification waits for what is served', async () => {
        const waiting = await service.database.query({
          text: `select from pg_locks where not granted and mode = 'AccessShareLock'`,
        });
        return waiting.length === 1;
      });

    it('because other rows are served by now begins again with those', async () => {
      let working: Promise<readonly Verified[]> | undefined;
      await withLocked(async (session) => {
        working = verify({ names: ['stats'] });
        await waitsForLock();
        await session.query('alter schema stats rename to stats_2');
        await session.query(
          `update projections.checkpoints set schema = 'stats_2' where name = 'stats'`,
        );
        await session.query('commit');
      });
      const all = (await working) ?? [];
      expectSame(all, ['stats']);
      expect(all.map(({ verdict }) => verdict)).to.have.nested.property(
        '[0].served.schema',
        'stats_2',
      );
      expect(await scratchSchemas(service.database)).to.deep.equal([]);
    });

    it('in a statement ends the statement, and drops what it has made', async () => {
      await withLocked(async () => {
        const stop = new AbortController();
        const ended = messageOf(verify({ names: ['stats'], signal: stop.signal }));
        await waitsForLock();
        stop.abort(new Error('enough'));
        expect(await ended).to.equal('enough');
        expect(await scratchSchemas(service.database)).to.deep.equal([]);
      });
    });

    it('by the loss of its session drops what it has made', async () => {
      await withLocked(async () => {
        const ended = messageOf(verify({ names: ['stats'] }));
        await waitsForLock();
        await change(
          `select pg_terminate_backend(pid) from pg_locks where not granted and mode = 'AccessShareLock'`,
        );
        expect(await ended).to.match(/^The database is not available/);
        expect(await scratchSchemas(service.database)).to.deep.equal([]);
      });
    });

    it('by the death of its process leaves a schema that the next one drops, and not that of one at work', async () => {
      const leftOver = 'verify_stats_0123456789ab';
      await change(`create schema ${leftOver} create table totals (id integer)`);
      await change('create schema verify_is_not_ours');
      let working: Promise<readonly Verified[]> | undefined;
      await withLocked(async () => {
        working = verify({ names: ['stats'] });
        await waitsForLock();
        const [other] = await verify({ names: ['streaks'] });
        expectSame(other ? [other] : [], ['streaks']);
        const left = await scratchSchemas(service.database);
        expect(left).to.have.length(2).and.to.include('verify_is_not_ours');
        expect(left).not.to.include(leftOver);
      });
      expectSame((await working) ?? [], ['stats']);
      expect(await scratchSchemas(service.database)).to.deep.equal(['verify_is_not_ours']);
    });
  });

  const messageOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
      return 'done';
    } catch (error) {
      if (error instanceof EventStoreError && error.cause instanceof Error)
        return error.cause.message;
      return error instanceof Error ? error.message : String(error);
    }
  };
});
