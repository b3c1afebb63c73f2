import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { derivedId, libraryStream } from '../../../src/domain/streams.js';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import type { ProjectedEvent, Projection } from '../../../src/projections/ports/projection.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import type { ProjectionProcess } from '../../support/readModels/projectionProcess.js';

export type Tallied = 'LibraryCreated' | 'LibraryRenamed';

/**
 * A read model that counts, so that an event lost or applied twice shows: how many events each library has,
 * and the positions of all of them in the order of delivery.
 */
export const tallies = (
  change: {
    readonly name?: string;
    readonly version?: number;
    /** Called with every page, inside the transaction, after the rows were written. */
    readonly afterwards?: (events: readonly ProjectedEvent<Tallied>[]) => void | Promise<void>;
  } = {},
): Projection<Tallied> => ({
  name: change.name ?? 'tallies',
  version: change.version ?? 1,
  handles: ['LibraryCreated', 'LibraryRenamed'],
  tables: `
    create table tallies (library_id uuid primary key, events integer not null, name text not null);
    create table deliveries (nth bigint generated always as identity, position bigint not null)`,
  project: async (events, tx) => {
    const counts = new Map<string, { events: number; name: string }>();
    for (const { data } of events) {
      const count = (counts.get(data.libraryId)?.events ?? 0) + 1;
      counts.set(data.libraryId, { events: count, name: data.name });
    }
    await tx.query({
      text: `
        insert into tallies as t (library_id, events, name)
        select * from unnest($1::uuid[], $2::int[], $3::text[])
        on conflict (library_id) do update
          set events = t.events + excluded.events, name = excluded.name`,
      values: [
        [...counts.keys()],
        [...counts.values()].map((count) => count.events),
        [...counts.values()].map((count) => count.name),
      ],
    });
    await tx.query({
      text: 'insert into deliveries (position) select * from unnest($1::bigint[])',
      values: [events.map(({ position }) => position)],
    });
    await change.afterwards?.(events);
    return [...counts.keys()].map((id) => `library:${id}`);
  },
});

export interface Tally {
  readonly library_id: string;
  readonly events: number;
  readonly name: string;
}

/** The rows that are served, unless a schema is named. */
export const readTallies = async (database: Database, schema?: string): Promise<readonly Tally[]> =>
  database.query<Tally>({
    text: `select * from ${schema ?? (await servedIn(database))}.tallies order by library_id`,
  });

const servedIn = async (database: Database): Promise<string> => {
  const [row] = await database.query<{ schema: string }>({
    text: `select schema from projections.checkpoints where name = 'tallies'`,
  });
  return row?.schema ?? 'tallies';
};

/** The positions of the events in the order in which they were projected. */
export const readDeliveries = async (
  database: Database,
  schema?: string,
): Promise<readonly bigint[]> => {
  const rows = await database.query<{ position: bigint }>({
    text: `select position from ${schema ?? (await servedIn(database))}.deliveries order by nth`,
  });
  return rows.map(({ position }) => position);
};

/** Every event of libraries in the log was projected, once, and in the order of the log. */
export const expectAllDelivered = async (
  { eventStore, database }: Pick<ProjectionProcess, 'eventStore' | 'database'>,
  schema?: string,
): Promise<void> => {
  const types = ['LibraryCreated', 'LibraryRenamed'];
  const { events, end } = await eventStore.readAll({ filter: { types }, maxCount: 100_000 });
  expect(end).to.equal(true);
  expect(await readDeliveries(database, schema)).to.deep.equal(
    events.map(({ position }) => position),
  );
};

export const libraryId = (nth: number): string => derivedId(`library ${nth}`);

const metadata = { correlationId: uuidv7(), causationId: uuidv7(), schemaVersion: 1 };

/** Appends the creation of a library and as many renamings. @returns the last position */
export const appendLibrary = async (
  eventStore: EventStore,
  nth: number,
  renamings = 0,
): Promise<bigint> => {
  const id = libraryId(nth);
  const created = {
    id: uuidv7(),
    type: 'LibraryCreated',
    data: { libraryId: id, name: `Library ${nth}`, kind: 'movies', paths: [] },
    metadata,
  };
  const renamed = Array.from({ length: renamings }, (_, turn) => ({
    id: uuidv7(),
    type: 'LibraryRenamed',
    data: { libraryId: id, name: `Library ${nth}, name ${turn}` },
    metadata,
  }));
  const { position } = await eventStore.append(libraryStream(id), [created, ...renamed], {
    expectedRevision: 'any',
  });
  return position;
};

/** Appends an event that tallies are not concerned with. @returns its position */
export const appendUnrelated = async (
  eventStore: EventStore,
  nth: number,
  schemaVersion = 1,
): Promise<bigint> => {
  const id = libraryId(nth);
  const removed = {
    id: uuidv7(),
    type: 'LibraryRemoved',
    data: { libraryId: id },
    metadata: { ...metadata, schemaVersion },
  };
  const { position } = await eventStore.append(libraryStream(id), [removed], {
    expectedRevision: 'any',
  });
  return position;
};
