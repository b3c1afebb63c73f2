import type pg from 'pg';
import type {
  EventStore,
  OnUnreadable,
  RecordedEvent,
} from '../../../commands/ports/eventStore.js';
import { accountEvents } from '../../../domain/account/events.js';
import { accountStream, viewingStreamsOf } from '../../../domain/streams.js';
import { viewingEvents } from '../../../domain/viewing/events.js';
import { ownersIn, readOwners, type Owner } from '../../../projections/engine/rebuild/owners.js';
import { RebuiltRows } from '../../../projections/engine/rebuild/rebuiltRows.js';
import type { Projection } from '../../../projections/ports/projection.js';
import type { RowsSite } from '../../../projections/ports/rebuildSite.js';
import type { PastEvents } from '../../../queries/ports/pastEvents.js';
import type { Database, Queryable, Statement } from '../../postgres/database.js';
import { copyRows } from '../../postgres/copy/copyRows.js';
import { CopyWriter } from '../../postgres/copy/copyWriter.js';
import { asUnavailable } from '../../postgres/databaseErrors.js';
import { endConnection } from '../../postgres/endConnection.js';
import { leftOutEvents } from '../parking/leftOutEvents.js';
import { quoted } from '../live/schemas.js';
import { createScratchSchema, scratchSchema } from './scratchSchema.js';

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
  /** Told how many events were read, page by page. */
  readonly onProgress?: (events: bigint) => void;
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
      const schema = scratchSchema(projection.name);
      await createScratchSchema(tx, schema, projection);
      const tables = await tablesOf(tx, schema, options.table);
      await makeRows(dependencies, projection, { tx, client }, options);
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

/** Makes the rows of all, or of one person. */
const makeRows = async (
  { eventStore, pastEvents }: { readonly eventStore: EventStore; readonly pastEvents: PastEvents },
  projection: Projection,
  { tx, client }: { readonly tx: Queryable; readonly client: pg.Client },
  { user, upTo, signal, onProgress }: ReplayOptions,
): Promise<void> => {
  const { name, handles: types, folds } = projection;
  const { missing } = await leftOutEvents(tx, name);
  const rows = new CopyWriter(client, { limitMs: STATEMENT_MS });
  const site: RowsSite = {
    ...{ projection, rows },
    drain: () => rows.drain(),
    inTransaction: async (work) => {
      await rows.flush();
      return work({
        query: (statement) => tx.query(statement),
        copy: (table, columns, some, arrays = []) =>
          copyRows(client, { table, columns, arrays }, some, STATEMENT_MS),
      });
    },
  };
  const place = { checkpoint: 0n };
  const rebuilt = new RebuiltRows(site, { eventStore, place, leftOut: missing, until: upTo });
  if (!folds) throw new ReplayRefused(`${name} cannot be replayed.`);
  const { prefixes } = folds;
  const onUnreadable: OnUnreadable = (event, error) => {
    rebuilt.unreadable(event, error);
  };
  const owners =
    user === undefined
      ? readOwners(eventStore, { prefixes, types, upTo, signal, onUnreadable })
      : [await person(pastEvents, projection, { user, upTo, missing, signal })];
  let events = 0n;
  for await (const some of owners) {
    signal.throwIfAborted();
    await rebuilt.add(some);
    events += BigInt(some.reduce((sum, owner) => sum + owner.events, 0));
    onProgress?.(events);
  }
  await rebuilt.endOwners();
  await rows.flush();
};

/** One person, found by the names of their streams. */
const person = async (
  pastEvents: PastEvents,
  { handles: types, folds }: Projection,
  {
    user,
    upTo,
    missing: without,
    signal,
  }: {
    readonly user: string;
    readonly upTo: bigint;
    readonly missing: ReadonlyMap<string, bigint>;
    readonly signal: AbortSignal;
  },
): Promise<readonly Owner[]> => {
  const streams = { prefixes: [viewingStreamsOf(user)], names: [accountStream(user)] };
  const events: RecordedEvent[] = [];
  for await (const page of pastEvents.of({ ...streams, types, upTo, without, signal })) {
    events.push(...page);
  }
  return ownersIn(events, folds?.prefixes ?? []);
};

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
