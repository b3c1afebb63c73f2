import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { compareLogs, LogsDiffer } from '../../../../src/infra/eventstore/copy/compareLogs.js';
import { copyLog, type CopyProgress } from '../../../../src/infra/eventstore/copy/copyLog.js';
import { CopyRefused } from '../../../../src/infra/eventstore/copy/copyTarget.js';
import { followLog } from '../../../../src/infra/readModels/live/followedLog.js';
import { createReadModelStore } from '../../../../src/infra/readModels/live/readModelStore.js';
import { tallies } from '../../../projections/engine/tallies.js';
import { testLogger } from '../../../support/run/logger.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { anEvent, newStream, numbered, readEverything } from '../contract/log.js';
import {
  contentsOf,
  lastOf,
  onceReadAgain,
  postgresSide,
  writeHistory,
  type PostgresSide,
} from './sides.js';

/** With runs of events in one stream, more than the 2,000 of a page. */
const LONG = 1_500;
const SHORT = 120;

describe('Copying a log', () => {
  /** What is copied where nothing depends on its pages. */
  let source: PostgresSide;
  let long: PostgresSide;
  let target: PostgresSide;

  before(async () => {
    source = await postgresSide();
    await writeHistory(source.store, SHORT);
    long = await postgresSide();
    await writeHistory(long.store, LONG);
  });
  after(async () => {
    await source.remove();
    await long.remove();
  });

  beforeEach(async () => {
    target = await postgresSide();
  });
  afterEach(() => target.remove());

  const copy = (
    change: {
      readonly from?: PostgresSide;
      readonly to?: Pick<PostgresSide, 'target'>;
      readonly dryRun?: boolean;
      readonly signal?: AbortSignal;
      readonly onProgress?: CopyProgress;
    } = {},
  ) =>
    copyLog({
      source: (change.from ?? source).source,
      target: (change.to ?? target).target,
      dryRun: change.dryRun ?? false,
      signal: change.signal ?? new AbortController().signal,
      ...(change.onProgress ? { onProgress: change.onProgress } : {}),
    });

  const refused = async (...parameters: Parameters<typeof copy>): Promise<string> =>
    (await rejection(copy(...parameters), CopyRefused)).message;

  const headOf = (side: PostgresSide): Promise<bigint> => side.store.headPosition();

  /** Changes a table past the rule that the log is append-only. */
  const tamper = (side: PostgresSide, text: string): Promise<void> =>
    side.fresh.database.transaction(async (tx) => {
      await tx.query({ text: 'set local session_replication_role = replica' });
      await tx.query({ text });
    });

  /** The target, in which something is done whenever a page was written. */
  const afterEachWrite = (work: () => Promise<unknown>): Pick<PostgresSide, 'target'> => {
    const { log, ...side } = target.target;
    const write: typeof log.write = async (...parameters) => {
      const position = await log.write(...parameters);
      await work();
      return position;
    };
    return { target: { ...side, log: { ...log, write } } };
  };

  it('keeps order, revisions, ids, types, data, metadata and times', async () => {
    const { copied, already, verified } = await copy({ from: long });
    const events = await contentsOf(long.store);
    expect(await contentsOf(target.store)).to.deep.equal(events);
    expect({ copied, already }).to.deep.equal({ copied: events.length, already: 0 });
    expect(verified).to.deep.include({ events: events.length, sourceWentOn: false });
    expect(verified?.digests.source).to.equal(verified?.digests.target);
    expect(verified?.digests.source).to.match(new RegExp(`^${events.length}:[\\w-]{43}$`));
  });

  it('leaves a log to which one can go on appending, in which time does not go back', async () => {
    await copy();
    const head = await headOf(target);
    const last = await lastOf(target.store);
    const { position, revision } = await target.store.append(last?.stream ?? '', numbered(1), {
      expectedRevision: last?.revision ?? 'any',
    });
    expect({ position, revision }).to.deep.equal({
      position: head + 1n,
      revision: (last?.revision ?? 0n) + 1n,
    });
    const next = await lastOf(target.store);
    expect(next?.recordedAt).to.be.at.least(last?.recordedAt ?? new Date());
  });

  it('gives times of a later append that are not before those that were copied', async () => {
    const ahead = await postgresSide();
    try {
      await ahead.store.append(newStream(), numbered(1), { expectedRevision: 'any' });
      await tamper(ahead, `update log.events set recorded_at = '2199-12-31T23:59:59.999Z'`);
      await copy({ from: ahead });
      await target.store.append(newStream(), numbered(1), { expectedRevision: 'any' });
      const times = (await readEverything(target.store)).map(({ recordedAt }) => recordedAt);
      expect(times).to.deep.equal(Array(2).fill(new Date('2199-12-31T23:59:59.999Z')));
    } finally {
      await ahead.remove();
    }
  });

  it('copies an empty log', async () => {
    const empty = await postgresSide();
    try {
      const { copied, verified } = await copy({ from: empty });
      expect(copied).to.equal(0);
      expect(verified).to.include({ events: 0, sourceWentOn: false });
    } finally {
      await empty.remove();
    }
  });

  it('copies nothing in a dry run, and tells how much there is', async () => {
    const summary = await copy({ dryRun: true });
    const [from, to] = [await source.store.identify(), await target.store.identify()];
    expect(summary).to.deep.equal({
      ...{ source: from, target: to, already: 0 },
      copied: Number(await headOf(source)),
    });
    expect(await headOf(target)).to.equal(0n);
  });

  describe('again', () => {
    it('goes on where it was interrupted, however often', async () => {
      let already = 0;
      for (let interruptions = 0; ; interruptions += 1) {
        const stopping = new AbortController();
        const onProgress: CopyProgress = (phase) => {
          if (phase === 'copying') stopping.abort(new Error('enough'));
        };
        const outcome = await copy({
          ...{ from: long, signal: stopping.signal, onProgress },
        }).catch((error: unknown) => error);
        if (outcome instanceof Error) {
          const head = Number(await headOf(target));
          expect(head).to.be.above(already);
          already = head;
          continue;
        }
        // The last of them had nothing left to copy.
        expect(outcome).to.deep.include({ already, copied: 0 });
        expect(interruptions).to.be.at.least(2);
        break;
      }
      expect(await contentsOf(target.store)).to.deep.equal(await contentsOf(long.store));
    });

    it('copies what has come since, and says when more has come meanwhile', async () => {
      const growing = await postgresSide();
      try {
        await writeHistory(growing.store, 100);
        const grow = () => growing.store.append('late', numbered(3), { expectedRevision: 'any' });
        const to = { target: onceReadAgain(target.target, grow) };
        const first = await copy({ from: growing, to });
        expect(first.verified).to.include({ sourceWentOn: true });
        const more = await copy({ from: growing });
        expect(more).to.deep.include({ already: first.copied, copied: 3 });
        expect(more.verified).to.include({ sourceWentOn: false });
        expect(await contentsOf(target.store)).to.deep.equal(await contentsOf(growing.store));
      } finally {
        await growing.remove();
      }
    });

    it('writes everything once when two do it at the same time', async () => {
      const outcomes = await Promise.allSettled([copy({ from: long }), copy({ from: long })]);
      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).to.be.instanceOf(CopyRefused);
      }
      expect(outcomes.map(({ status }) => status)).to.include('fulfilled');
      expect(await contentsOf(target.store)).to.deep.equal(await contentsOf(long.store));
    });
  });

  describe('is refused, and nothing is written,', () => {
    let before: readonly object[];

    /** What every refusal is followed by. */
    const untouched = async (): Promise<void> => {
      expect(await contentsOf(target.store)).to.deep.equal(before);
    };

    it('from a log to itself', async () => {
      expect(await refused({ to: source })).to.include(await source.store.identify());
    });

    it('to a log with a history of its own', async () => {
      await target.store.append('account-1', numbered(2), { expectedRevision: 'any' });
      before = await contentsOf(target.store);
      const message = await refused();
      expect(message)
        .to.match(/another history/)
        .and.to.include('account-1');
      await untouched();
    });

    it('to a copy that has got events of its own', async () => {
      await copy();
      await target.store.append('account-1', [anEvent('Grown')], { expectedRevision: 'any' });
      before = await contentsOf(target.store);
      const message = await refused();
      expect(message)
        .to.match(/more events than the source/)
        .and.to.include('Grown');
      await untouched();
    });

    it('to a copy in which one event reads otherwise, which is named', async () => {
      await copy();
      const [row] = await target.fresh.database.query<{ id: string }>({
        text: 'select id from log.events where position = 123',
      });
      await tamper(target, `update log.events set data = '{"nth":"changed"}' where position = 123`);
      before = await contentsOf(target.store);
      const message = await refused();
      expect(message)
        .to.include('Event 123')
        .and.to.include(row?.id ?? 'no such event');
      expect(message).to.match(/differs in its data/);
      await untouched();
    });

    it('to a copy that lacks an event', async () => {
      await copy();
      await tamper(target, 'delete from log.events where position = 17');
      before = await contentsOf(target.store);
      expect(await refused()).to.match(/^The target holds another history.* Event 17 /);
      await untouched();
    });

    it('to the log of a service that runs', async () => {
      const { database } = target.fresh;
      const store = createReadModelStore(database);
      try {
        await followLog(
          database,
          { identity: await target.store.identify(), head: () => headOf(target) },
          testLogger,
        );
        await store.prepare(tallies());
        const lease = await store.tryAcquire('tallies');
        expect(await refused()).to.match(/running Reellog/);
        expect(await headOf(target)).to.equal(0n);
        await lease?.release();
        await copy();
        expect(await headOf(target)).to.equal(await headOf(source));
      } finally {
        await store.close();
      }
    });
  });

  it('ends where the source turns out to have a hole, and keeps what is before it', async () => {
    const broken = await postgresSide();
    try {
      await writeHistory(broken.store, LONG);
      const stream = newStream();
      await broken.store.append(stream, numbered(3), { expectedRevision: 'any' });
      await tamper(broken, `delete from log.events where stream = '${stream}' and revision = 1`);
      const message = await refused({ from: broken });
      expect(message).to.include(`${stream} has revision 2, where 1 is due`);
      expect(await headOf(target)).to.equal(2_000n);
    } finally {
      await broken.remove();
    }
  });

  it('ends where something else writes to the target meanwhile', async () => {
    const message = await refused({
      from: long,
      to: afterEachWrite(() =>
        target.store.append('account-1', numbered(1), { expectedRevision: 'any' }),
      ),
    });
    expect(message).to.match(/Something else writes to the target/);
  });

  it('is an error when what was written is not what is read', async () => {
    const work = copy({
      to: afterEachWrite(() =>
        tamper(target, `update log.events set metadata = '{}' where position = 123`),
      ),
    });
    const { message } = await rejection(work, LogsDiffer);
    expect(message).to.match(/^Event 123, .* differs in its data, its metadata or its time\.$/);
  });

  describe('has the places of the source', () => {
    it('in the copy: of each event, between events, before all and after all', async () => {
      const sparse = await postgresSide();
      try {
        await writeHistory(sparse.store, 300);
        const { database } = sparse.fresh;
        // As an EventStoreDB's, whose positions are no numbers of events.
        await tamper(
          sparse,
          `alter table log.events drop constraint events_position;
           update log.events set position = position * 10;
           update log.head set position = position * 10;
           alter table log.events add constraint events_position primary key (position)`,
        );
        await copy({ from: sparse });
        const [last] = await database.query<{ position: bigint }>({
          text: 'select position from log.head',
        });
        const end = last?.position ?? 0n;
        const asked = [0n, 9n, 10n, 11n, 1_235n, end - 1n, end, end + 5n];
        const comparison = compareLogs({
          ...{ source: sparse.store, target: target.store, places: asked },
          signal: new AbortController().signal,
        });
        await comparison.readToEnd();
        const found = [];
        for (const place of asked) found.push(await comparison.placeOf(place));
        expect(found).to.deep.equal([0n, 0n, 1n, 1n, 123n, end / 10n - 1n, end / 10n, end / 10n]);
      } finally {
        await sparse.remove();
      }
    });

    it('only as far as the copy goes', async () => {
      const growing = await postgresSide();
      try {
        await writeHistory(growing.store, 100);
        await copy({ from: growing });
        const end = await headOf(growing);
        await growing.store.append(randomUUID(), numbered(2), { expectedRevision: 'any' });
        const comparison = compareLogs({
          ...{ source: growing.store, target: target.store, places: [end, end + 1n] },
          signal: new AbortController().signal,
        });
        await comparison.readToEnd();
        expect(await comparison.placeOf(end)).to.equal(end);
        expect(await comparison.placeOf(end + 1n)).to.equal(undefined);
      } finally {
        await growing.remove();
      }
    });
  });
});
