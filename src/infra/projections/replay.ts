import type pg from 'pg';
import type { EventStore, RecordedEvent } from '../../commands/ports/eventStore.js';
import { accountEvents } from '../../domain/account/events.js';
import { accountStream, viewingStreamsOf } from '../../domain/streams.js';
import { viewingEvents } from '../../domain/viewing/events.js';
import { logPages } from '../../projections/engine/buildFeed.js';
import type { Projection } from '../../projections/ports/projection.js';
import type { PastEvents, PastOfStreams } from '../../queries/ports/pastEvents.js';
import { exceptFor } from '../eventstore/pastEvents.js';
import type { Database, Queryable, Statement } from '../postgres/database.js';
import { asUnavailable } from '../postgres/databaseErrors.js';
import { endConnection } from '../postgres/endConnection.js';
import { leftOutEvents } from './leftOutEvents.js';
import { quoted } from './schemas.js';
import { scratchRows } from './scratchRows.js';
import { createScratchSchema, scratchPrefix } from './scratchSchema.js';

/** What to replay, and how far. */
export interface ReplayOptions {
  /** The read model. */
  readonly name: string;
  /** The last position that counts. */
  readonly upTo: bigint;
  /** Only what this person did. */
  readonly user?: string;
  /** Only this table's rows. */
  readonly table?: string;
  readonly signal: AbortSignal;
  /** Told the position reached, page by page. */
  readonly onProgress?: (position: bigint) => void;
}

/** A row of a table of the read model, as JSON text. */
export interface ReplayedRow {
  readonly table: string;
  readonly row: string;
}

/**
 * A read model's rows as they would have been, table by table in the order of their keys, in pages. All of it
 * happens in a transaction that is taken back, on a session of its own: nothing is left behind, however it ends.
 * @throws {ReplayRefused} {EventStoreError} {DatabaseUnavailable}
 */
export type Replay = (options: ReplayOptions) => AsyncIterable<readonly ReplayedRow[]>;

/** There is nothing like that to replay; the message says what there is. */
export class ReplayRefused extends Error {
  override readonly name = 'ReplayRefused';
}

/** One statement, such as writing all rows, may take so long. */
const STATEMENT_MS = 60 * 60_000;
const ROWS = 1_000;

export const createReplay = (dependencies: {
  readonly database: Database;
  readonly eventStore: EventStore;
  readonly pastEvents: PastEvents;
  readonly projections: readonly Projection[];
}): Replay =>
  async function* replay(options) {
    const projection = chosen(dependencies.projections, options);
    const client = await dependencies.database.session();
    try {
      const tx = sessionOf(client);
      await tx.query({ text: 'set idle_in_transaction_session_timeout to 0' });
      await tx.query({ text: 'begin' });
      const schema = `${scratchPrefix()}${projection.name}`;
      await createScratchSchema(tx, schema, projection);
      const tables = await tablesOf(tx, schema, options.table);
      const scratch = scratchRows(projection, { tx, client });
      const { missing: without } = await leftOutEvents(tx, projection.name);
      for await (const events of pagesOf(dependencies, projection, { ...options, without })) {
        options.signal.throwIfAborted();
        await scratch.project(events);
      }
      await scratch.write();
      for (const table of tables) yield* rowsOf(tx, table, options.signal);
    } finally {
      await endConnection(client);
    }
  };

/** @throws {ReplayRefused} */
const chosen = (projections: readonly Projection[], { name, user }: ReplayOptions): Projection => {
  const projection = projections.find((candidate) => candidate.name === name);
  if (!projection) {
    const names = projections.map((candidate) => candidate.name).join(', ');
    throw new ReplayRefused(`There is no read model "${name}". There are: ${names}.`);
  }
  const ofPeople = Object.keys({ ...viewingEvents, ...accountEvents });
  if (user !== undefined && !projection.handles.some((type) => ofPeople.includes(type))) {
    throw new ReplayRefused(`${name} is not about people: leave the person out.`);
  }
  return projection;
};

const sessionOf = (client: pg.Client): Queryable => ({
  query: async <R extends object>({ text, values }: Statement): Promise<readonly R[]> => {
    try {
      const { rows } = await client.query<R>({
        text,
        ...(values ? { values: [...values] } : {}),
        ...{ query_timeout: STATEMENT_MS },
      });
      return rows;
    } catch (error) {
      throw asUnavailable(error);
    }
  },
});

/** The events that the read model wants, in pages. */
async function* pagesOf(
  { eventStore, pastEvents }: { readonly eventStore: EventStore; readonly pastEvents: PastEvents },
  { handles: types }: Projection,
  {
    user,
    upTo,
    without,
    signal,
    onProgress,
  }: ReplayOptions & Required<Pick<PastOfStreams, 'without'>>,
): AsyncGenerator<readonly RecordedEvent[], void> {
  if (user !== undefined) {
    const streams = { prefixes: [viewingStreamsOf(user)], names: [accountStream(user)] };
    yield* pastEvents.of({ ...streams, types, upTo, without, signal });
    return;
  }
  if (upTo === 0n) return;
  const onUnreadable = exceptFor(without);
  const pages = logPages(eventStore, { after: 0n, types, signal, onUnreadable });
  for await (const { events, position } of pages) {
    yield events.filter((event) => event.position <= upTo && !without.has(event.id));
    onProgress?.(position < upTo ? position : upTo);
    if (position >= upTo) return;
  }
}

/** A table with the columns of its key. */
interface ScratchTable {
  readonly name: string;
  readonly keys: readonly string[];
}

/** @throws {ReplayRefused} */
const tablesOf = async (
  tx: Queryable,
  schema: string,
  only: string | undefined,
): Promise<readonly ScratchTable[]> => {
  const tables = await tx.query<ScratchTable>({
    text: `select c.relname as name, array_agg(a.attname::text order by k.place) as keys
           from pg_class c
           join pg_index i on i.indrelid = c.oid and i.indisprimary
           cross join unnest(i.indkey) with ordinality k (attnum, place)
           join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
           where c.relnamespace = $1::regnamespace
           group by c.relname order by c.relname`,
    values: [quoted(schema)],
  });
  if (only === undefined) return tables;
  const found = tables.filter(({ name }) => name === only);
  if (found.length > 0) return found;
  const names = tables.map(({ name }) => name).join(', ');
  throw new ReplayRefused(`There is no table "${only}". There are: ${names}.`);
};

/** At the pace of whoever takes them. */
async function* rowsOf(
  tx: Queryable,
  { name, keys }: ScratchTable,
  signal: AbortSignal,
): AsyncGenerator<readonly ReplayedRow[], void> {
  await tx.query({
    text: `declare replayed no scroll cursor for
           select row_to_json(t)::text as row from ${quoted(name)} t
           order by ${keys.map(quoted).join(', ')}`,
  });
  for (;;) {
    signal.throwIfAborted();
    const rows = await tx.query<{ row: string }>({ text: `fetch ${ROWS} from replayed` });
    if (rows.length === 0) break;
    yield rows.map(({ row }) => ({ table: name, row }));
  }
  await tx.query({ text: 'close replayed' });
}
