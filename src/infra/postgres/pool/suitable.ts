import type pg from 'pg';
import { DatabaseUnavailable, DatabaseUnusable } from '../databaseErrors.js';

/** What the user must be. */
export const WHAT_IT_TAKES = 'The user in DATABASE_URL must own the database.';

interface Facts {
  readonly name: string;
  readonly encoding: string;
  readonly standby: boolean;
  readonly may_create: boolean;
  /** Another schema with tables of Reellog, where there are none in `public`. */
  readonly elsewhere: string | null;
}

/**
 * Looks at what would make everything fail later, one thing after another.
 * @throws {DatabaseUnusable} its encoding cannot hold all text, or its user may not make schemas
 * @throws {DatabaseUnavailable} it takes no writes
 */
export const mustBeSuitable = async (client: pg.Client, migrations: string): Promise<void> => {
  const { rows } = await client.query<Facts>(
    `select current_database() as name, current_setting('server_encoding') as encoding,
            pg_is_in_recovery() as standby,
            has_database_privilege(current_database(), 'create') as may_create,
            case when to_regclass('public.' || $1) is null then
              (select min(schemaname::text) from pg_tables where tablename = $1)
            end as elsewhere`,
    [migrations],
  );
  for (const { name, encoding, standby, may_create, elsewhere } of rows) {
    if (encoding !== 'UTF8') {
      throw new DatabaseUnusable(
        `The database "${name}" has the encoding ${encoding}, which cannot hold every title: make one with ` +
          'createdb --encoding=UTF8 --template=template0, and name it in DATABASE_URL.',
      );
    }
    if (standby) {
      throw new DatabaseUnavailable(
        'The database is not available: this server is a standby, which takes no writes. Name the primary in ' +
          'DATABASE_URL.',
      );
    }
    if (elsewhere !== null) {
      throw new DatabaseUnusable(
        `The tables of Reellog are in the schema "${elsewhere}" of the database "${name}", and it looks for them ` +
          'in "public": move them there (alter table … set schema public).',
      );
    }
    if (!may_create) {
      throw new DatabaseUnusable(
        `The database cannot be set up: permission denied to make schemas in "${name}". ${WHAT_IT_TAKES}`,
      );
    }
  }
};
