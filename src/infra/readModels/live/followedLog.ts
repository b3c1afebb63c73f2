import type { Logger } from 'pino';
import type { Connection, Database, Queryable } from '../../postgres/database.js';
import { notifyReset } from '../notices/changeNotices.js';
import { NO_VERSION } from './checkpoints.js';
import { ledReadModels } from './readModelStore.js';
import { unfinishedCopyTo } from '../rebuild/unfinishedCopies.js';

/** A running Reellog keeps the read models of this database by another log. */
export class OtherLogFollowed extends Error {
  override readonly name = 'OtherLogFollowed';
}

/** This log lacks what the one of before has: most likely it is the wrong one, or not copied yet. */
export class LogNotMoved extends Error {
  override readonly name = 'LogNotMoved';
}

/** Where a checkpoint of one log stands in a copy of that log. */
export interface MovedCheckpoint {
  readonly name: string;
  readonly from: bigint;
  readonly to: bigint;
}

/** The read models after a change of the log, by name. */
interface Moved {
  readonly kept: readonly string[];
  readonly rebuilt: readonly string[];
  /** These had seen more of the log of before than was copied. */
  readonly goneOn: readonly string[];
}

/** Processes that start at once decide one after the other; the row may not be there yet to be locked. */
const LOCK = 7_236_583_121n;

/** The log that the read models of a database follow; `undefined` where no service has run yet. */
export const followedLog = async (database: Queryable): Promise<string | undefined> => {
  const rows = await database.query<{ log: string }>({
    text: 'select log from projections.followed_log',
  });
  return rows[0]?.log;
};

/**
 * Makes the read models of a database follow this log; called before they go on. Where they have followed
 * another, each keeps its rows if `reellog log copy` has noted where its checkpoint stands in this log and it
 * has not moved since; else it is made anew.
 * @throws {OtherLogFollowed} another process is keeping them by another log
 * @throws {LogNotMoved} this log is empty, and they are not; it is one that was left and has not been copied back
 *   to; or a copy to it has not ended: nobody loses a history by a setting that is missing
 */
export const followLog = async (
  database: Database,
  log: { readonly identity: string; readonly head: () => Promise<bigint> },
  logger: Logger,
): Promise<void> => {
  const { identity } = log;
  const source = await unfinishedCopyTo(database, identity);
  if (source !== undefined) {
    throw new LogNotMoved(
      `The copy of ${source} to the log of the settings (${identity}) is not complete. ` +
        'Run the same "reellog log copy" again, or start with the log of before.',
    );
  }
  if ((await followedLog(database)) === identity) return;
  const head = await log.head();
  const changed = await database.transaction(async (tx) => {
    await tx.query({ text: 'select pg_advisory_xact_lock($1)', values: [LOCK] });
    const before = await followedLog(tx);
    if (before === identity) return undefined;
    const led = await ledReadModels(tx);
    if (led.length > 0) {
      throw new OtherLogFollowed(
        `A running Reellog keeps the read models of this database by another log (${before ?? 'unknown'}). ` +
          'Stop it first, or use another database.',
      );
    }
    if (before !== undefined) await refuseLogNotMoved(tx, { before, identity, head });
    await tx.query({
      text: `insert into projections.followed_log as f (log) values ($1)
             on conflict (one_row) do update
               set log = excluded.log, since = now(),
                   left_behind = array_append(array_remove(f.left_behind, excluded.log), f.log)`,
      values: [identity],
    });
    await moveReceipts(tx, head);
    return { before, ...(await moveCheckpoints(tx, before, identity)) };
  });
  if (!changed) return;
  const { before, kept, rebuilt, goneOn } = changed;
  if (kept.length > 0) {
    logger.info({ from: before, to: identity, kept }, 'the log was moved: these read models stay');
  }
  if (rebuilt.length > 0) {
    logger.warn(
      { from: before, to: identity, rebuilt },
      'another log than before: these read models are made anew from it',
    );
  }
  if (goneOn.length > 0) {
    logger.warn(
      { from: before, to: identity, goneOn },
      'the log of before had gone on after it was copied: what was recorded then is not in this one',
    );
  }
};

const refuseLogNotMoved = async (
  tx: Connection,
  {
    before,
    identity,
    head,
  }: { readonly before: string; readonly identity: string; readonly head: bigint },
): Promise<void> => {
  const [row] = await tx.query<{ seen: boolean; left: boolean; copied: boolean }>({
    text: `select exists (select from projections.checkpoints where position > 0) as seen,
                  exists (select from projections.followed_log where $2 = any(left_behind)) as left,
                  exists (select from projections.moved_checkpoints
                          where from_log = $1 and to_log = $2) as copied`,
    values: [before, identity],
  });
  const why =
    head === 0n && row?.seen
      ? 'which is empty'
      : row?.left && !row.copied
        ? 'which it had left for the other; what was recorded there since has not been copied back'
        : undefined;
  if (why === undefined) return;
  throw new LogNotMoved(
    `This database has followed another log (${before}) than that of the settings (${identity}), ${why}. ` +
      'See that REELLOG_EVENTSTORE_URL and REELLOG_EVENTSTORE_STREAM_PREFIX are as they were, or copy the log ' +
      'first with "reellog log copy".',
  );
};

/** Notes where the read models stand in a copy of the log that they follow. */
export const noteMovedCheckpoints = async (
  database: Queryable,
  logs: { readonly from: string; readonly to: string },
  moved: readonly MovedCheckpoint[],
): Promise<void> => {
  await database.query({
    text: `with forgotten as (
             delete from projections.moved_checkpoints
             where from_log = $1 and to_log = $2 and name <> all($3::text[])
           )
           insert into projections.moved_checkpoints (name, from_log, to_log, from_position, to_position)
           select name, $1, $2, from_position, to_position
           from unnest($3::text[], $4::bigint[], $5::bigint[]) as m (name, from_position, to_position)
           on conflict (name, from_log, to_log) do update
             set from_position = excluded.from_position, to_position = excluded.to_position,
                 noted_at = now()`,
    values: [
      ...[logs.from, logs.to],
      ...[moved.map(({ name }) => name), moved.map(({ from }) => from), moved.map(({ to }) => to)],
    ],
  });
};

/**
 * The generation is raised like by a worker that begins: one that wrote before cannot any more. A version that no
 * read model has makes its worker begin anew.
 */
const moveCheckpoints = async (
  tx: Connection,
  from: string | undefined,
  to: string,
): Promise<Moved> => {
  const rows = await tx.query<{ name: string; kept: boolean; gone_on: boolean }>({
    text: `update projections.checkpoints c
           set version = case when place.kept then c.version else $3 end,
               position = case when place.kept then place.to_position else 0 end,
               generation = c.generation + 1, failure = null, updated_at = now()
           from (
             select o.name, m.to_position, coalesce(m.from_position = o.position, false) as kept,
                    coalesce(m.from_position < o.position, false) as gone_on
             from projections.checkpoints o
             left join projections.moved_checkpoints m
               on m.name = o.name and m.from_log = $1 and m.to_log = $2
           ) place
           where place.name = c.name
           returning c.name, place.kept, place.gone_on`,
    values: [from ?? null, to, NO_VERSION],
  });
  for (const { name } of rows) await notifyReset(tx, name);
  await tx.query({ text: 'delete from projections.moved_checkpoints' });
  const names = (which: (row: (typeof rows)[number]) => boolean) =>
    rows
      .filter(which)
      .map(({ name }) => name)
      .sort();
  return {
    kept: names(({ kept }) => kept),
    rebuilt: names(({ kept }) => !kept),
    goneOn: names(({ gone_on: goneOn }) => goneOn),
  };
};

/**
 * What a command did is somewhere in this log, wherever it was in the other: whoever waits for the whole of it
 * sees it.
 */
const moveReceipts = async (tx: Connection, head: bigint): Promise<void> => {
  await tx.query({
    text: `update command_receipts set outcome = jsonb_set(outcome, '{position}', to_jsonb($1::text))
           where outcome ? 'position'`,
    values: [head],
  });
};
