import type pg from 'pg';

/** How long a session may be at something, in milliseconds; 0 for no limit. */
export interface SessionLimits {
  readonly statementMs: number;
  /** Left open without a statement. */
  readonly idleInTransactionMs: number;
}

/**
 * What a server, a database or a role may have set otherwise, and on which the meaning of values, names and
 * transactions depends. What only makes things faster or slower is left as it is.
 */
const SETTINGS = {
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  extra_float_digits: '1',
  bytea_output: 'hex',
  standard_conforming_strings: 'on',
  array_nulls: 'on',
  transform_null_equals: 'off',
  gin_fuzzy_search_limit: '0',
  search_path: 'public',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  default_transaction_deferrable: 'off',
  lock_timeout: '0',
  idle_session_timeout: '0',
} as const;

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

const statementOf = ({ statementMs, idleInTransactionMs }: SessionLimits): string => {
  const settings = {
    ...SETTINGS,
    statement_timeout: String(statementMs),
    idle_in_transaction_session_timeout: String(idleInTransactionMs),
  };
  const set = Object.entries(settings).map(
    ([name, value]) => `set_config(${literal(name)}, ${literal(value)}, false)`,
  );
  // Since PostgreSQL 17.
  const ifThere = `case when current_setting('transaction_timeout', true) is not null
    then set_config('transaction_timeout', '0', false) end`;
  return `select ${[...set, ifThere].join(', ')}`;
};

/** How long the server may take for it, in milliseconds. */
const ANSWER_MS = 5_000;

/**
 * Gives a session the settings that everything here relies on, whatever the server, the database or the role has. By
 * statement, for a pooler refuses them when the session begins. Each new session gets them before its first use.
 */
export const settleSession = async (
  client: pg.ClientBase,
  limits: SessionLimits = { statementMs: 0, idleInTransactionMs: 0 },
): Promise<void> => {
  const statement = { text: statementOf(limits), query_timeout: ANSWER_MS };
  await client.query(statement);
};
