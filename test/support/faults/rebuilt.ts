import { expect } from 'chai';
import type { EventStore, RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { createReadModelStore } from '../../../src/infra/readModels/live/readModelStore.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import { pastOf } from '../../../src/projections/engine/past.js';
import type { ProjectedEvent, Projection } from '../../../src/projections/ports/projection.js';
import type { Checkpoint } from '../../../src/projections/ports/readModelStore.js';
import { projections } from '../../../src/projections/projections.js';
import { freshDatabase } from '../postgres/database.js';
import { eventually } from '../run/eventually.js';
import { differencesOf, readModelRows, type ReadModelRows } from '../readModels/readModelRows.js';
import { forget } from '../readModels/rebuilding.js';

/** A database beside the one under test, in which its read models are made again from nothing. */
export interface Rebuilder {
  /**
   * Waits until the read models under test have the whole log, then makes them anew from that log, elsewhere,
   * and compares row by row.
   */
  expectSame(live: Database, eventStore: EventStore): Promise<void>;
  close(): Promise<void>;
}

/** Not the engine's: rows must not depend on where pages end. */
const PAGE = 777;

export const openRebuilder = async (): Promise<Rebuilder> => {
  const fresh = await freshDatabase();
  const store = createReadModelStore(fresh.database);

  const emptied = async (projection: Projection): Promise<Checkpoint> => {
    await forget(fresh.database, projection.name);
    return store.prepare(projection);
  };

  const rebuilt = async (eventStore: EventStore): Promise<ReadModelRows> => {
    // Lists call films what the catalogue calls them: the schemas are all made before the first row.
    const streams = new Map<string, RecordedEvent[]>();
    let checkpoints = await Promise.all(
      projections.map(async (projection) => ({
        projection,
        checkpoint: await emptied(projection),
      })),
    );
    for (let after = 0n, end = false; !end;) {
      const page = await eventStore.readAll({ after, maxCount: PAGE });
      ({ position: after, end } = page);
      checkpoints = await Promise.all(
        checkpoints.map(async ({ projection, checkpoint }) => {
          const types = new Set<string>(projection.handles);
          // The domain event store has checked that the data are those of the type.
          const own = page.events.filter((event): event is RecordedEvent & ProjectedEvent =>
            types.has(event.type),
          );
          return {
            projection,
            checkpoint: await store.advance(checkpoint, after, (tx) =>
              projection.project(own, tx, pastOf(streams, projection, new Set())),
            ),
          };
        }),
      );
      for (const event of page.events) {
        const stream = streams.get(event.stream);
        if (stream) stream.push(event);
        else streams.set(event.stream, [event]);
      }
    }
    return readModelRows(fresh.database);
  };

  return {
    expectSame: async (live, eventStore) => {
      await caughtUp(live, await eventStore.headPosition());
      const [kept, again] = await Promise.all([readModelRows(live), rebuilt(eventStore)]);
      const differences = differencesOf(['kept', kept], ['rebuilt', again]);
      expect(differences, 'the read models are as a rebuild makes them').to.deep.equal([]);
    },
    close: async () => {
      await store.close();
      await fresh.drop();
    },
  };
};

/** By the checkpoints as they are stored, which tells also of read models that nobody leads any more. */
const caughtUp = (live: Database, head: bigint): Promise<void> =>
  eventually(`the read models have come to position ${head}`, async () => {
    const rows = await live.query<{ position: bigint }>({
      text: 'select position from projections.checkpoints',
    });
    return rows.length === projections.length && rows.every(({ position }) => position >= head);
  });
