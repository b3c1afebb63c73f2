import { once } from 'node:events';
import { expect } from 'chai';
import type { LogBatch, RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { createPastReader } from '../../../../src/projections/engine/past.js';
import { ProjectionWorker } from '../../../../src/projections/engine/live/worker.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { testLogger } from '../../../support/run/logger.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { libraries } from '../../../../src/projections/libraries/libraries.js';
import { appendLibrary, appendUnrelated, expectAllDelivered, tallies } from '../tallies.js';

describe('The worker of a projection', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;

  beforeEach(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, []);
  });

  afterEach(async () => {
    await process.close();
    await fresh.drop();
  });

  it('applies nothing after a batch that failed, though it was given already, but starts over', async () => {
    const { eventStore, store } = process;
    let turn = 0;
    const projection = tallies({
      afterwards: () => {
        turn += 1;
        if (turn === 1) throw new Error('the first batch fails');
      },
    });
    const worker = new ProjectionWorker(projection, {
      store,
      log: testLogger,
      pageSize: 100,
      pastBefore: createPastReader(eventStore),
      serves: () => undefined,
      reached: () => undefined,
    });
    const stop = new AbortController();
    let followed = 0;
    await worker.run(
      eventStore,
      async (live, signal) => {
        followed += 1;
        if (followed === 2) {
          stop.abort();
          if (!signal.aborted) await once(signal, 'abort');
          return;
        }
        for (const nth of [1, 2]) await appendLibrary(eventStore, nth);
        const { events } = await eventStore.readAll();
        const [first] = await Promise.allSettled(
          batchesOf(events).map((batch) => live.apply(batch)),
        );
        if (first?.status === 'rejected') throw new Error('failed', { cause: first.reason });
      },
      stop.signal,
    );
    await expectAllDelivered(process);
  });

  it('knows what it has of a batch that begins before where it stands', async () => {
    const { eventStore, store, database } = process;
    const worker = new ProjectionWorker(libraries, {
      store,
      log: testLogger,
      pageSize: 100,
      pastBefore: createPastReader(eventStore),
      serves: () => undefined,
      reached: () => undefined,
    });
    const stop = new AbortController();
    await worker.run(
      eventStore,
      async (live) => {
        await appendLibrary(eventStore, 1, 1);
        await appendUnrelated(eventStore, 1);
        const { events, position } = await eventStore.readAll();
        const [, second] = events;
        await live.apply({
          events: events.slice(0, 2),
          after: 0n,
          position: second?.position ?? 0n,
          caughtUp: false,
        });
        // A page for all, of which this one has the beginning: the library is removed at its end.
        await live.apply({ events, after: 0n, position, caughtUp: true });
        stop.abort();
      },
      stop.signal,
    );
    const rows = await database.query({ text: 'select name from libraries.libraries' });
    expect(rows).to.deep.equal([]);
  });

  it('takes no batch that begins behind where it stands: what lies between would be lost', async () => {
    const { eventStore, store } = process;
    const failures: unknown[] = [];
    let between: bigint | undefined;
    const worker = new ProjectionWorker(tallies(), {
      store,
      log: { error: ({ err }: { err?: unknown }) => failures.push(err) },
      pageSize: 100,
      pastBefore: createPastReader(eventStore),
      serves: () => undefined,
      reached: () => undefined,
    });
    const stop = new AbortController();
    await worker.run(
      eventStore,
      async (live) => {
        if (failures.length > 0) {
          stop.abort();
          return;
        }
        for (const nth of [1, 2]) await appendLibrary(eventStore, nth);
        const [first, second] = batchesOf((await eventStore.readAll()).events);
        between = first?.position;
        if (second) await live.apply(second);
      },
      stop.signal,
    );
    expect(failures).to.have.length(1);
    expect(String(failures[0])).to.include(`events between 0 and ${between} were not given`);
    await expectAllDelivered(process);
  });
});

/** Each event in a batch of its own. */
const batchesOf = (events: readonly RecordedEvent[]): readonly LogBatch[] =>
  events.map((event, nth) => ({
    events: [event],
    after: events[nth - 1]?.position ?? 0n,
    position: event.position,
    caughtUp: true,
  }));
