import type { Queryable } from '../../postgres/database.js';

/** A copy of one log in another, by their identities. */
export interface LogCopy {
  readonly from: string;
  readonly to: string;
}

/** Notes that a log lacks events until the copy has ended, where a service that begins with it will look. */
export const noteCopyBegun = async (database: Queryable, { from, to }: LogCopy): Promise<void> => {
  await database.query({
    text: `insert into projections.unfinished_copies (to_log, from_log) values ($1, $2)
           on conflict (to_log) do update set from_log = excluded.from_log`,
    values: [to, from],
  });
};

export const noteCopyEnded = async (database: Queryable, { to }: LogCopy): Promise<void> => {
  await database.query({
    text: 'delete from projections.unfinished_copies where to_log = $1',
    values: [to],
  });
};

/** Which log is being copied to this one; `undefined` where none is. */
export const unfinishedCopyTo = async (
  database: Queryable,
  to: string,
): Promise<string | undefined> => {
  const rows = await database.query<{ from_log: string }>({
    text: 'select from_log from projections.unfinished_copies where to_log = $1',
    values: [to],
  });
  return rows[0]?.from_log;
};
