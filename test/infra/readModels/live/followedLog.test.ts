import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { createCommandReceipts } from '../../../../src/infra/commands/commandReceipts.js';
import { logIdentity } from '../../../../src/infra/eventstore/postgres/logIdentity.js';
import { migrate } from '../../../../src/infra/postgres/migrate.js';
import { followChangeNotices } from '../../../../src/infra/readModels/notices/changeNotices.js';
import {
  followedLog,
  followLog,
  LogNotMoved,
  noteMovedCheckpoints,
  OtherLogFollowed,
} from '../../../../src/infra/readModels/live/followedLog.js';
import { createReadModelStore } from '../../../../src/infra/readModels/live/readModelStore.js';
import {
  CheckpointMoved,
  type Checkpoint,
} from '../../../../src/projections/ports/readModelStore.js';
import { readTallies, tallies } from '../../../projections/engine/tallies.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import { forget } from '../../../support/readModels/rebuilding.js';
import { rejection } from '../../../support/deciders/rejection.js';

const OLD = 'postgres:old';
const NEW = 'eventstoredb:new';

describe('The log that read models follow', () => {
  const projection = tallies();
  let fresh: FreshDatabase;
  let store: ReturnType<typeof createReadModelStore>;
  let checkpoint: Checkpoint;
  let lines: Record<string, unknown>[];

  beforeEach(async () => {
    lines = [];
    fresh = await freshDatabase();
    store = createReadModelStore(fresh.database);
    await follow(OLD);
    checkpoint = await store.advance(await store.prepare(projection), 7n, async (tx) => {
      await tx.query({
        text: 'insert into tallies values ($1, 3, $2)',
        values: [randomUUID(), 'Attic'],
      });
      return [];
    });
  });
  afterEach(async () => {
    await store.close();
    await fresh.drop();
  });

  const follow = (identity: string, head = 10n): Promise<void> => {
    const write = (line: string) => lines.push(JSON.parse(line) as Record<string, unknown>);
    const logger = pino({ level: 'info' }, { write });
    return followLog(fresh.database, { identity, head: () => Promise.resolve(head) }, logger);
  };
  const note = (name: string, from: bigint, to: bigint): Promise<void> =>
    noteMovedCheckpoints(fresh.database, { from: OLD, to: NEW }, [{ name, from, to }]);

  /** What a worker that begins finds. */
  const found = async () => {
    const { version, position } = await store.prepare(projection);
    return { version, position, rows: (await readTallies(fresh.database)).length };
  };
  const inPlace = (position: bigint) => ({ version: projection.version, position, rows: 1 });
  const emptied = { version: projection.version, position: 0n, rows: 0 };

  it('is set without a word where no service has run yet', async () => {
    expect(await followedLog(fresh.database)).to.equal(OLD);
    expect(lines).to.deep.equal([]);
  });

  it('is that of the database itself for read models from before there were others', async () => {
    await fresh.database.query({
      text: `drop table projections.followed_log, projections.moved_checkpoints`,
    });
    await fresh.database.query({
      text: `delete from reellog_migrations where name in ('0008_followed_log.js', '0010_left_logs.js')`,
    });
    expect(await migrate(fresh.connectionString)).to.deep.equal([
      ...['0008_followed_log.js', '0010_left_logs.js'],
    ]);
    expect(await followedLog(fresh.database)).to.equal(await logIdentity(fresh.database));
  });

  it('changes nothing as long as it is the same', async () => {
    await follow(OLD);
    expect(await found()).to.deep.equal(inPlace(7n));
    expect(lines).to.deep.equal([]);
  });

  it('leaves a read model its rows whose place in the new one was noted', async () => {
    await note('tallies', 7n, 4_711n);
    await follow(NEW);
    expect(await followedLog(fresh.database)).to.equal(NEW);
    expect(await found()).to.deep.equal(inPlace(4_711n));
    expect(lines).to.have.length(1);
    expect(lines[0]).to.deep.include({ from: OLD, to: NEW, kept: ['tallies'] });
  });

  it('has a read model made anew of which no place in the new one is known, and says so', async () => {
    await note('others', 7n, 4_711n);
    await follow(NEW);
    expect(await found()).to.deep.equal(emptied);
    expect(lines).to.have.length(1);
    expect(lines[0]).to.deep.include({ level: 40, from: OLD, to: NEW, rebuilt: ['tallies'] });
  });

  it('does not take a note that a later one has left out', async () => {
    await note('tallies', 7n, 4_711n);
    await note('others', 7n, 4_711n);
    await follow(NEW);
    expect(await found()).to.deep.equal(emptied);
  });

  it('takes the last note for a copy that was continued', async () => {
    await note('tallies', 5n, 3_000n);
    await note('tallies', 7n, 4_711n);
    await follow(NEW);
    expect(await found()).to.deep.equal(inPlace(4_711n));
  });

  it('makes a note void by going on, and says that something may be missing', async () => {
    await note('tallies', 7n, 4_711n);
    await store.advance(checkpoint, 8n, () => Promise.resolve([]));
    await follow(NEW);
    expect(await found()).to.deep.equal(emptied);
    expect(lines).to.have.length(2);
    expect(lines[1]).to.deep.include({ level: 40, goneOn: ['tallies'] });
  });

  it('takes a note once: every way needs its own', async () => {
    await note('tallies', 7n, 7n);
    await follow(NEW);
    await noteMovedCheckpoints(fresh.database, { from: NEW, to: OLD }, [
      { name: 'tallies', from: 7n, to: 7n },
    ]);
    await follow(OLD);
    expect(await found()).to.deep.equal(inPlace(7n));
    await rejection(follow(NEW), LogNotMoved);
  });

  it('is not changed back to one that was left, until that has been copied to', async () => {
    await note('tallies', 7n, 7n);
    await follow(NEW);
    const { message } = await rejection(follow(OLD), LogNotMoved);
    expect(message).to.include('has not been copied back');
    expect(await found()).to.deep.equal(inPlace(7n));
    // By a copy during which this read model went on.
    await noteMovedCheckpoints(fresh.database, { from: NEW, to: OLD }, [
      { name: 'tallies', from: 6n, to: 6n },
    ]);
    await follow(OLD);
    expect(await found()).to.deep.equal(emptied);
  });

  it('is changed back all the same where somebody has said that nothing is left', async () => {
    await follow(NEW);
    await fresh.database.query({
      text: `update projections.followed_log set left_behind = '{}'`,
    });
    await follow(OLD);
    expect(await followedLog(fresh.database)).to.equal(OLD);
  });

  it('lets nobody write who began with the log of before', async () => {
    await note('tallies', 7n, 7n);
    await follow(NEW);
    const work = store.advance(checkpoint, 8n, () => Promise.resolve([]));
    await rejection(work, CheckpointMoved);
  });

  it('is told to every process, whose answers were by the log of before', async () => {
    const heard: unknown[] = [];
    let listening = false;
    const notices = followChangeNotices(fresh.database, testLogger);
    try {
      notices.follow({
        onNotice: (notice) => heard.push(notice),
        onGap: () => {
          listening = true;
        },
      });
      await eventually('it listens', () => listening);
      await follow(NEW);
      await eventually('it is heard', () =>
        heard.some((notice) => JSON.stringify(notice) === '{"projection":"tallies","reset":true}'),
      );
    } finally {
      await notices.close();
    }
  });

  it('is not changed while a running process keeps the read models by another', async () => {
    const lease = await store.tryAcquire('tallies');
    const { message } = await rejection(follow(NEW), OtherLogFollowed);
    expect(message).to.include(OLD);
    expect(await followedLog(fresh.database)).to.equal(OLD);
    expect(await found()).to.deep.equal(inPlace(7n));
    await lease?.release();
    await follow(NEW);
    expect(await followedLog(fresh.database)).to.equal(NEW);
  });

  it('is not changed to an empty log: the history would seem to be lost', async () => {
    const { message } = await rejection(follow(NEW, 0n), LogNotMoved);
    expect(message).to.include(OLD).and.include(NEW).and.include('REELLOG_EVENTSTORE_URL');
    expect(await followedLog(fresh.database)).to.equal(OLD);
    expect(await found()).to.deep.equal(inPlace(7n));
  });

  it('may be an empty log where nothing was seen of the one of before', async () => {
    await forget(fresh.database, projection.name);
    await store.prepare(projection);
    await follow(NEW, 0n);
    expect(await followedLog(fresh.database)).to.equal(NEW);
  });

  it('is changed once by processes that start at the same time', async () => {
    await Promise.all([follow(NEW), follow(NEW), follow(NEW)]);
    expect(lines.map(({ rebuilt }) => rebuilt)).to.deep.equal([['tallies']]);
  });

  it('has the receipts of commands answer with a position that shows what they did', async () => {
    const receipts = createCommandReceipts(fresh.database);
    const userId = randomUUID();
    const outcome = { id: userId, stream: `account-${userId}`, appended: 1, created: true };
    for (const [key, position] of [
      ['written', 900n],
      ['nothing', undefined],
    ] as const) {
      await receipts.claim({ userId, key, fingerprint: 'ab' });
      await receipts.settle(
        { userId, key, fingerprint: 'ab' },
        { ...outcome, ...(position ? { position } : {}) },
      );
    }
    await follow(NEW, 42n);
    const claims = await Promise.all(
      ['written', 'nothing'].map((key) => receipts.claim({ userId, key, fingerprint: 'ab' })),
    );
    expect(
      claims.map((claim) => (claim.status === 'done' ? claim.outcome : claim.status)),
    ).to.deep.equal([{ ...outcome, position: 42n }, outcome]);
  });
});
