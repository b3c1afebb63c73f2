import type { Database, Queryable } from '../../postgres/database.js';
import type { Place, PlacedEvent } from '../eventstoredb/reads/following.js';
import { BETWEEN_TEXTS, parsed } from '../eventstoredb/client/unparsedEvents.js';
import { mirrorTables, type LogTables } from '../postgres/logTables.js';

/** A mirror of a log in EventStoreDB, in a schema of its own. */
export interface Mirror {
  readonly id: number;
  /** The identity of the log on the server. */
  readonly server: string;
  readonly generation: number;
  readonly tables: LogTables;
}

/** What a mirror is a mirror of, and how far it is. */
export interface MirrorState {
  /** How many events it has. */
  readonly ordinal: bigint;
  /** The last of them; `undefined` while there is none. */
  readonly last: (Place & { readonly id: string }) | undefined;
  /** Where to go on. */
  readonly reached: Place | undefined;
  /** It has caught up with the server, and somebody keeps it so. */
  readonly live: boolean;
  /** When that was last known to be so. */
  readonly liveAt: Date | undefined;
  /** Why nothing may be read or written. */
  readonly fault: string | undefined;
}

/** The lease was lost: another process has written to the mirror. */
export class MirrorGoneOn extends Error {
  override readonly name = 'MirrorGoneOn';
}

interface MirrorRow extends Record<string, unknown> {
  readonly id: number;
  readonly server: string;
  readonly generation: number;
}

const mirrorOf = ({ id, server, generation }: MirrorRow): Mirror => ({
  ...{ id, server, generation },
  tables: mirrorTables(id),
});

/** Whoever keeps a mirror notes that it is live more often than this; one who died does not. */
const KEPT_LIVE_SECONDS = 5;
/** Processes that start at once make one. */
const LOCK = 7_236_583_122n;

/** The mirror of a server's log that is read; made, empty, where there is none. */
export const mirrorFor = (database: Database, server: string): Promise<Mirror> =>
  database.transaction(async (tx) => {
    await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] });
    return (await servingMirror(tx, server)) ?? (await makeMirror(tx, server, 1, true));
  });

export const servingMirror = async (
  database: Queryable,
  server: string,
): Promise<Mirror | undefined> => {
  const [row] = await database.query<MirrorRow>({
    text: 'select id, server, generation from log.mirrors where server = $1 and serves',
    values: [server],
  });
  return row && mirrorOf(row);
};

const makeMirror = async (
  tx: Queryable,
  server: string,
  generation: number,
  serves: boolean,
): Promise<Mirror> => {
  const [row] = await tx.query<MirrorRow>({
    text: `insert into log.mirrors (server, generation, serves) values ($1, $2, $3)
           returning id, server, generation`,
    values: [server, generation, serves],
  });
  if (!row) throw new Error('the mirror was not noted');
  const mirror = mirrorOf(row);
  await tx.query({ text: 'select log.create_mirror($1)', values: [mirror.tables.schema] });
  return mirror;
};

/** A mirror beside the one that is read, empty; whatever an earlier attempt left is removed. */
export const mirrorBeside = (database: Database, serving: Mirror): Promise<Mirror> =>
  database.transaction(async (tx) => {
    const left = await tx.query<MirrorRow>({
      text: 'delete from log.mirrors where server = $1 and not serves returning id, server, generation',
      values: [serving.server],
    });
    for (const row of left) await dropTables(tx, mirrorOf(row));
    return makeMirror(tx, serving.server, serving.generation + 1, false);
  });

/** Has the mirror read that was built beside another, which is removed. */
export const serveInstead = (database: Database, old: Mirror, next: Mirror): Promise<void> =>
  database.transaction(async (tx) => {
    await tx.query({ text: 'delete from log.mirrors where id = $1', values: [old.id] });
    await tx.query({
      text: 'update log.mirrors set serves = true where id = $1',
      values: [next.id],
    });
    await dropTables(tx, old);
  });

const dropTables = async (tx: Queryable, { tables }: Mirror): Promise<void> => {
  await tx.query({ text: `drop schema ${tables.schema} cascade` });
};

interface StateRow extends Record<string, unknown> {
  readonly ordinal: bigint;
  readonly position: bigint;
  readonly prepare: bigint;
  readonly event_id: string | null;
  readonly reached_commit: bigint | null;
  readonly reached_prepare: bigint | null;
  readonly live: boolean;
  readonly live_at: Date | null;
  readonly fault: string | null;
}

export const mirrorState = async (
  database: Queryable,
  { tables: { schema } }: { readonly tables: Pick<LogTables, 'schema'> },
): Promise<MirrorState> => {
  const [row] = await database.query<StateRow>({
    name: `${schema}.state`,
    text: `select ordinal, position, prepare, event_id, reached_commit, reached_prepare, live_at, fault,
                  live and live_at > clock_timestamp() - interval '${KEPT_LIVE_SECONDS} seconds' as live
           from ${schema}.head`,
  });
  if (!row) throw new Error(`${schema} has no head`);
  return {
    ordinal: row.ordinal,
    last:
      row.event_id === null
        ? undefined
        : { commit: row.position, prepare: row.prepare, id: row.event_id },
    reached:
      row.reached_commit === null || row.reached_prepare === null
        ? undefined
        : { commit: row.reached_commit, prepare: row.reached_prepare },
    live: row.live,
    liveAt: row.live_at ?? undefined,
    fault: row.fault ?? undefined,
  };
};

/** What is written at once. */
interface Given {
  readonly events: readonly PlacedEvent[];
  readonly reached: Place | undefined;
}

/**
 * Writes what the server gave next, with how far it has looked, in one commit, which waits for no disk: what is lost
 * with it is asked for again. Only onto what the writer knows to be there.
 * @returns how many events the mirror has now
 * @throws {MirrorGoneOn} somebody else has written
 */
export const writeToMirror = async (
  database: Queryable,
  mirror: Pick<Mirror, 'tables'>,
  ordinal: bigint,
  given: Given,
): Promise<bigint> => {
  try {
    return await write(database, mirror, ordinal, given);
  } catch (error) {
    if (!isNoJson(error)) throw error;
    // Whoever wrote it, it was not Reellog: what cannot be parsed is left out.
    const events = given.events.filter((event) => parsed(event) !== undefined);
    return write(database, mirror, ordinal, { ...given, events });
  }
};

/** https://www.postgresql.org/docs/current/errcodes-appendix.html */
const NO_JSON = new Set(['22P02', '22021']);
const isNoJson = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && NO_JSON.has(String(error.code));

/** What needs no quotes in an array's text. */
const arrayOf = (values: readonly (string | bigint)[]): string => `{${values.join(',')}}`;

const write = async (
  database: Queryable,
  { tables: { schema, channel } }: Pick<Mirror, 'tables'>,
  ordinal: bigint,
  { events, reached }: Given,
): Promise<bigint> => {
  const last = events.at(-1);
  const [row] = await database.query<{ ordinal: bigint }>({
    name: `${schema}.write`,
    text: `
      with moved as (
        update ${schema}.head h
        set ordinal = h.ordinal + cardinality($2::bigint[]),
            position = coalesce($10, h.position), prepare = coalesce($11, h.prepare),
            event_id = coalesce($12, h.event_id),
            reached_commit = coalesce($13, h.reached_commit),
            reached_prepare = coalesce($14, h.reached_prepare)
        where h.ordinal = $1 and h.fault is null
        returning h.ordinal
      ), written as (
        insert into ${schema}.events
          (ordinal, position, stream, revision, id, type, data, metadata, recorded_at)
        select $1 + e.nth, e.position, e.stream, e.revision, e.id, e.type, e.data::json, e.metadata::json,
               e.recorded_at
        from moved, unnest($2::bigint[], $3::text[], $4::bigint[], $5::uuid[], $6::text[],
                           string_to_array($7, chr(${BETWEEN_TEXTS.charCodeAt(0)})),
                           string_to_array($8, chr(${BETWEEN_TEXTS.charCodeAt(0)})), $9::timestamptz[])
          with ordinality as e (position, stream, revision, id, type, data, metadata, recorded_at, nth)
      )
      select ordinal, set_config('synchronous_commit', 'off', true),
             case when $10 is not null then pg_notify('${channel}', $10::text) end
      from moved`,
    values: [
      ordinal,
      arrayOf(events.map(({ position }) => position)),
      events.map(({ stream }) => stream),
      arrayOf(events.map(({ revision }) => revision)),
      arrayOf(events.map(({ id }) => id)),
      events.map(({ type }) => type),
      // Quoted as elements of an array they would cost as much as all the rest.
      events.map(({ data }) => data).join(BETWEEN_TEXTS),
      events.map(({ metadata }) => JSON.stringify(metadata)).join(BETWEEN_TEXTS),
      arrayOf(events.map(({ recordedAt }) => recordedAt.toISOString())),
      last?.position ?? null,
      last?.prepare ?? null,
      last?.id ?? null,
      reached?.commit ?? null,
      reached?.prepare ?? null,
    ],
  });
  if (!row)
    throw new MirrorGoneOn(`${schema} has not ${ordinal} events any more, or may not go on`);
  return row.ordinal;
};

/** Notes whether the mirror has caught up; where it has, also that this is so now. Wakes whoever waits for it. */
export const noteLive = async (
  database: Queryable,
  { tables: { schema, channel } }: Pick<Mirror, 'tables'>,
  live: boolean,
): Promise<void> => {
  await database.query({
    name: `${schema}.live`,
    text: `with noted as (
             update ${schema}.head h set live = $1, live_at = case when $1 then now() else h.live_at end
             from ${schema}.head was returning was.live <> $1 as changed
           )
           select set_config('synchronous_commit', 'off', true),
                  case when changed then pg_notify('${channel}', '') end from noted`,
    values: [live],
  });
};

/** Nothing is read or written any more, in any process. */
export const noteFault = async (
  database: Queryable,
  { tables: { schema, channel } }: Pick<Mirror, 'tables'>,
  fault: string | null,
): Promise<void> => {
  await database.query({
    text: `with noted as (update ${schema}.head set fault = $1, live = false returning 1)
           select pg_notify('${channel}', '') from noted`,
    values: [fault],
  });
};
