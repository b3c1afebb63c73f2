import type { Queryable } from '../../postgres/database.js';
import { quoted } from '../live/schemas.js';

/** The locks of schemas that rebuilds fill. */
const FILLED_LOCK_SPACE = 72_369;
/** Whoever lost the lease ends its session as soon as it hears of that. */
const LOCK_MS = 10_000;

/**
 * Waits until nobody fills a schema, and has it from then on, until the session or the transaction ends: who lost the
 * lead of a rebuild may not have heard of it yet, and what it commits must not be missed.
 * @throws {Error} when that takes too long
 */
export const lockFilled = async (
  tx: Queryable,
  schema: string,
  until: 'session' | 'transaction',
): Promise<void> => {
  const lock = until === 'session' ? 'pg_advisory_lock' : 'pg_advisory_xact_lock';
  await tx.query({ text: `set lock_timeout to ${LOCK_MS}` });
  await tx.query({
    text: `select ${lock}($1, hashtext($2))`,
    values: [FILLED_LOCK_SPACE, schema],
  });
  await tx.query({ text: 'set lock_timeout to default' });
};

/** Drops a schema that a rebuild filled, or was going to. */
export const dropFilled = async (tx: Queryable, schema: string): Promise<void> => {
  await lockFilled(tx, schema, 'transaction');
  await tx.query({ text: `drop schema if exists ${quoted(schema)} cascade` });
};
