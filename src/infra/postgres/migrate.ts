import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { asUnavailable, DatabaseNotFound, DatabaseUnusable, sqlState } from './databaseErrors.js';
import { settleSession } from './pool/sessionSettings.js';
import { mustBeSuitable, WHAT_IT_TAKES } from './pool/suitable.js';

/** The database holds migrations that this Reellog does not know. */
export class NewerDatabase extends Error {
  override readonly name = 'NewerDatabase';
}

/** SQLSTATEs of a missing privilege, and of a database without the schema `public`. */
const UNUSABLE_STATES = new Set(['42501', '3F000']);

const folder = fileURLToPath(new URL('../../../migrations/', import.meta.url));
const TABLE = 'reellog_migrations';
/** One migrating process at a time; released with the session, however it ends. */
const LOCK = 7_236_583_120n;

const CONNECT_MS = 5_000;
/** Longer than any migration, for one process waits here while another migrates. */
const LOCK_WAIT = '10min';

/**
 * Brings the tables that are not read models up to date. Reads one small table when there is nothing to do.
 * Several processes may call it at once. Forward only.
 * @returns the migrations applied.
 * @param makes whether to make them in a database that has none
 * @throws {NewerDatabase} {DatabaseUnusable} {DatabaseUnavailable} {DatabaseNotFound}
 */
export const migrate = async (
  connectionString: string,
  { makes = true }: { readonly makes?: boolean } = {},
): Promise<readonly string[]> => {
  const known = (await readdir(folder)).filter((name) => name.endsWith('.js')).sort();
  const client = new pg.Client({
    connectionString,
    application_name: 'reellog migrate',
    connectionTimeoutMillis: CONNECT_MS,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await settleSession(client);
    await mustBeSuitable(client, TABLE);
    const applied = await appliedMigrations(client);
    if (applied.length === 0 && !makes) {
      throw new DatabaseNotFound(
        `There is nothing of Reellog in the database "${client.database ?? ''}". Name another in DATABASE_URL, or ` +
          'begin there with "reellog serve".',
      );
    }
    const foreign = applied.filter((name) => !known.includes(name));
    if (foreign.length > 0) {
      throw new NewerDatabase(
        `This database was written by a newer Reellog: it has the migrations ${foreign.join(', ')}. ` +
          'Use that version or a newer one.',
      );
    }
    if (applied.length === known.length) return [];
    await client.query("select set_config('lock_timeout', $1, false)", [LOCK_WAIT]);
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    return await runPending(connectionString);
  } catch (error) {
    throw asUnusable(asUnavailable(error));
  } finally {
    await client.end();
  }
};

const asUnusable = (error: Error): Error =>
  UNUSABLE_STATES.has(sqlState(error) ?? '')
    ? new DatabaseUnusable(`The database cannot be set up: ${error.message}. ${WHAT_IT_TAKES}`, {
        cause: error,
      })
    : error;

const appliedMigrations = async (client: pg.Client): Promise<string[]> => {
  try {
    const { rows } = await client.query<{ name: string }>(
      `select name from ${TABLE} order by name`,
    );
    return rows.map((row) => row.name);
  } catch (error) {
    if (sqlState(error) === '42P01') return [];
    throw error;
  }
};

/** Before knex uses it. */
const settleFirst = (
  client: pg.Client,
  done: (error: Error | undefined, client: pg.Client) => void,
): void => {
  settleSession(client).then(
    () => {
      done(undefined, client);
    },
    (error: unknown) => {
      done(asUnavailable(error), client);
    },
  );
};

/** knex is loaded only when there is something to do: a warm start should not pay for it. */
const runPending = async (connectionString: string): Promise<readonly string[]> => {
  const { default: knex } = await import('knex');
  const database = knex({
    client: 'pg',
    connection: { connectionString },
    pool: { min: 0, max: 1, afterCreate: settleFirst },
  });
  const config = { directory: folder, tableName: TABLE, loadExtensions: ['.js'] };
  try {
    // Ours is the lock that counts; knex's own stays locked when a migrating process is killed.
    if (await database.schema.hasTable(`${TABLE}_lock`)) {
      await database.migrate.forceFreeMigrationsLock(config);
    }
    const [, names] = (await database.migrate.latest(config)) as [number, string[]];
    return names;
  } finally {
    await database.destroy();
  }
};
