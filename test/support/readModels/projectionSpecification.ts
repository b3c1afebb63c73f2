import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import type { RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { eventTypes, type DomainEvent } from '../../../src/domain/eventTypes.js';
import {
  accountStream,
  collectionStream,
  libraryStream,
  movieStream,
  viewingStream,
} from '../../../src/domain/streams.js';
import type { Projection } from '../../../src/projections/ports/projection.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import { freshDatabase } from '../postgres/database.js';
import { eventually } from '../run/eventually.js';
import { openProjectionProcess, type ProjectionProcess } from './projectionProcess.js';
import { forget } from './rebuilding.js';

/** Pages of one event, of a few, and of all at once. */
const PAGE_SIZES = [1, 3, 1_000];

/** What the log holds, in order, and the read model made of it. */
export interface Projected {
  readonly events: readonly RecordedEvent[];
  readonly database: Database;
}

/**
 * Given these events in the log, the read model has these rows. The events pass through the real log and the
 * real engine, in pages of several sizes, and are then built anew from the start: the rows must be the
 * same every time.
 *
 *     await givenEvents(favorites, added(user, matrix), removed(user, matrix)).expectRows(
 *       'select title_id from favorites.favorites', []);
 */
export const givenEvents = (projection: Projection, ...events: readonly DomainEvent[]) => ({
  /** @param expected rows, or what makes them of the events as recorded (positions, times). */
  expectRows: <Row extends object>(
    sql: string,
    expected: readonly Row[] | ((recorded: readonly RecordedEvent[]) => readonly Row[]),
  ): Promise<void> =>
    givenEvents(projection, ...events).expect(async ({ database, events: recorded }) => {
      const rows = await database.query({ text: sql });
      expect(rows).to.deep.equal(typeof expected === 'function' ? expected(recorded) : expected);
    }),

  /** Runs the check on the read model for every page size. */
  expect: async (check: (projected: Projected) => Promise<void>): Promise<void> => {
    const fresh = await freshDatabase();
    try {
      const writer = await openProjectionProcess(fresh.connectionString, [projection]);
      try {
        for (const event of events) {
          await writer.eventStore.append(streamOf(event), [recordable(event)], {
            expectedRevision: 'any',
          });
        }
        const { events: recorded } = await writer.eventStore.readAll({ maxCount: 100_000 });
        for (const pageSize of PAGE_SIZES) {
          const reader = await openProjectionProcess(fresh.connectionString, [projection], {
            pageSize,
          });
          try {
            await forget(fresh.database, projection.name);
            reader.engine.start();
            await caughtUp(reader, recorded.at(-1)?.position ?? 0n);
            await check({ events: recorded, database: fresh.database });
            await builtInPlace(reader, projection.name);
            await check({ events: recorded, database: fresh.database });
          } finally {
            await reader.close();
          }
        }
      } finally {
        await writer.close();
      }
    } finally {
      await fresh.drop();
    }
  },
});

const caughtUp = ({ engine }: ProjectionProcess, position: bigint): Promise<void> =>
  eventually(`the read model reaches ${position}`, async () => {
    const [status] = await engine.status();
    return status !== undefined && status.position >= position;
  });

/** Rebuilds the read model anew, and puts it where tests look for it. */
const builtInPlace = async (process: ProjectionProcess, name: string): Promise<void> => {
  await process.rebuild([name]);
  await process.engine.stop();
  const [served] = await process.database.query<{ schema: string }>({
    text: 'select schema from projections.checkpoints where name = $1',
    values: [name],
  });
  await process.database.query({ text: `drop schema "${name}" cascade` });
  await process.database.query({ text: `alter schema "${served?.schema}" rename to "${name}"` });
};

/** An event as it is appended. */
export const recordable = (event: DomainEvent) => ({
  id: uuidv7(),
  type: event.type,
  data: event.data,
  metadata: {
    correlationId: uuidv7(),
    causationId: uuidv7(),
    schemaVersion: eventTypes[event.type].version,
  },
});

/** The stream that an event of this kind is recorded in. */
export const streamOf = ({ data }: DomainEvent): string => {
  if ('titleId' in data) return viewingStream(data.userId, data.titleId);
  if ('movieId' in data) return movieStream(data.movieId);
  if ('libraryId' in data) return libraryStream(data.libraryId);
  if ('collectionId' in data) return collectionStream(data.collectionId);
  return accountStream(data.userId);
};
