import { expect } from 'chai';
import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import type { Scope } from '../../../src/domain/account/permissions.js';
import { createApiTokens } from '../../../src/infra/auth/apiTokens.js';
import { OWNER_ID } from '../../../src/infra/auth/owner.js';
import {
  DatabaseUnavailable,
  DatabaseUnusable,
} from '../../../src/infra/postgres/databaseErrors.js';
import { migrate, NewerDatabase } from '../../../src/infra/postgres/migrate.js';
import { compiledSource } from '../../support/run/compiledSource.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { rejection } from '../../support/deciders/rejection.js';

const root = fileURLToPath(new URL('../../../', import.meta.url));

describe('Migrating', () => {
  let fresh: FreshDatabase;
  let all: readonly string[];

  before(async () => {
    all = (await readdir(join(root, 'migrations'))).filter((name) => name.endsWith('.js')).sort();
  });
  beforeEach(async () => {
    fresh = await freshDatabase({ contents: 'nothing' });
  });
  afterEach(() => fresh.drop());

  const applied = async (): Promise<unknown[]> =>
    (await fresh.database.query({ text: 'select name from reellog_migrations order by id' })).map(
      (row) => row.name,
    );

  it('applies every migration in its order, and nothing the second time', async () => {
    expect(await migrate(fresh.connectionString)).to.deep.equal(all);
    expect(await applied()).to.deep.equal(all);
    expect(await migrate(fresh.connectionString)).to.deep.equal([]);
  });

  it('applies each once when several processes migrate at the same time', async () => {
    const outcomes = await Promise.all([1, 2, 3].map(() => migrate(fresh.connectionString)));
    expect(outcomes.flat().sort()).to.deep.equal(all);
    expect(await applied()).to.deep.equal(all);
  });

  it('goes on after a process was killed in the middle of a migration', async () => {
    const { href } = pathToFileURL(compiledSource('infra/postgres/migrate.js'));
    // A lock that the first migration runs into, so that it is surely in the middle when killed.
    const killed = await fresh.database.transaction(async (tx) => {
      await tx.query({ text: 'create schema log' });
      const child = spawn(
        process.execPath,
        [
          ...['--input-type=module', '-e'],
          `import { migrate } from '${href}';
           await migrate(process.argv[1]);`,
          fresh.connectionString,
        ],
        { stdio: 'ignore' },
      );
      await eventually('the migration waits', async () => {
        const rows = await fresh.database.query({
          text: `select 1 from pg_stat_activity where wait_event_type = 'Lock'
                   and datname = current_database() and query like '%create schema log%'
                   and pid <> pg_backend_pid()`,
        });
        return rows.length === 1;
      });
      const gone = once(child, 'exit');
      child.kill('SIGKILL');
      await gone;
      await tx.query({ text: 'drop schema log' });
      return child;
    });
    expect(killed.signalCode).to.equal('SIGKILL');
    expect(await migrate(fresh.connectionString)).to.deep.equal(all);
  });

  it('is not held up by the lock that knex keeps when a migration outside a transaction is killed', async () => {
    await fresh.database.query({
      text: 'create table reellog_migrations_lock (index serial primary key, is_locked int)',
    });
    await fresh.database.query({
      text: 'insert into reellog_migrations_lock (is_locked) values (1)',
    });
    expect(await migrate(fresh.connectionString)).to.deep.equal(all);
  });

  it('refuses a database that a newer Reellog wrote, and changes nothing', async () => {
    await migrate(fresh.connectionString);
    await fresh.database.query({
      text: `insert into reellog_migrations (name, batch, migration_time)
             values ('9999_from_the_future.js', 9, now())`,
    });
    const error = await rejection(migrate(fresh.connectionString), NewerDatabase);
    expect(error.message).to.contain('newer Reellog').and.to.contain('9999_from_the_future.js');
  });

  it('says what its user lacks who may not make tables, or may not read those that there are', async () => {
    const role = `guest_${process.pid}`;
    const asGuest = fresh.connectionString.replace(/\/\/[^@/]*@/, `//${role}@`);
    await fresh.database.query({ text: `create role ${role} login` });
    try {
      for (const made of [false, true]) {
        if (made) await migrate(fresh.connectionString);
        const error = await rejection(migrate(asGuest), DatabaseUnusable);
        expect(error.message)
          .to.match(/^The database cannot be set up: .*permission denied/)
          .and.to.include('must own the database');
      }
    } finally {
      await fresh.database.query({ text: `drop role ${role}` });
    }
  });

  it('gives the scope admin to the token of the first start, and to no other that there is', async () => {
    const ALL = ['read', 'watch', 'write', 'admin'];
    await migrate(fresh.connectionString);
    await fresh.database.query({
      text: "delete from reellog_migrations where name = '0016_token_scopes.js'",
    });
    const tokens = createApiTokens(fresh.database);
    const made = async (userId: string, name: string, scopes: readonly Scope[]) =>
      (await tokens.create({ userId, name, scopes })).token;
    const before = {
      first: await made(OWNER_ID, 'first start', ['read', 'write']),
      player: await made(OWNER_ID, 'player', ['read', 'write']),
      reader: await made(OWNER_ID, 'first start', ['read']),
      other: await made(randomUUID(), 'first start', ['read', 'write']),
    };
    expect(await migrate(fresh.connectionString)).to.deep.equal(['0016_token_scopes.js']);
    const scopesOf = async (token: string) => (await tokens.holderOf(token))?.scopes;
    expect(await scopesOf(before.first)).to.deep.equal(ALL);
    expect(await scopesOf(before.player)).to.deep.equal(['read', 'write']);
    expect(await scopesOf(before.reader)).to.deep.equal(['read']);
    expect(await scopesOf(before.other)).to.deep.equal(['read', 'write']);
  });

  it('says unavailable when there is no server', async () => {
    const nowhere = fresh.connectionString.replace(/host=[^&]*/, 'host=%2Fnowhere');
    await rejection(migrate(nowhere), DatabaseUnavailable);
  });
});
