import { expect } from 'chai';
import { readdir } from 'node:fs/promises';
import { createApiTokens } from '../../../src/infra/auth/apiTokens.js';
import { OWNER_ID } from '../../../src/infra/auth/owner.js';
import { projections } from '../../../src/projections/projections.js';
import { reellogOn, runCli, startServe } from '../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';

const NOBODY = '00000000-0000-4000-8000-00000000dead';

/** Commands that look after an installation, on a database that a service has not seen yet. */
describe('reellog', () => {
  let fresh: FreshDatabase;
  before(async () => {
    fresh = await freshDatabase();
    // The command makes the owner's account.
    await done('projections');
  });
  after(() => fresh.drop());

  const { reellog, done, refused } = reellogOn(() => fresh.connectionString);

  describe('rebuild', () => {
    it('refuses a name that no read model has, and to guess which are meant', async () => {
      const [unknown, none, both] = await refused(
        ['rebuild', 'stats', 'weather'],
        ['rebuild'],
        ['rebuild', 'stats', '--all'],
      );
      expect(unknown).to.match(/"?weather"?/);
      for (const name of projections.map((one) => one.name)) expect(unknown).to.include(name);
      expect([none, both]).to.deep.equal(
        Array.from({ length: 2 }, () => 'Name the read models to rebuild, or say --all.\n'),
      );
    });
  });

  describe('migrate', () => {
    it('makes the tables of a new database, has nothing to do for one of now, and leaves a newer one alone', async () => {
      const empty = await freshDatabase({ contents: 'nothing' });
      try {
        const { length } = (await readdir(new URL('../../../migrations', import.meta.url))).filter(
          (name) => name.endsWith('.js'),
        );
        const settings = { DATABASE_URL: empty.connectionString };
        const results = await Promise.all([runCli(['migrate'], settings), reellog('migrate')]);
        for (const result of results) {
          expect(result).to.deep.include({
            ...{
              code: 0,
              stderr: '',
              stdout: `The database is up to date: ${length} migrations.\n`,
            },
          });
        }
        await empty.database.query({
          text: `insert into reellog_migrations (name, batch) values ('9999_time_travel.js', 99)`,
        });
        expect(await runCli(['migrate'], settings)).to.deep.include({
          ...{ code: 1, stdout: '' },
          stderr:
            'This database was written by a newer Reellog: it has the migrations 9999_time_travel.js. ' +
            'Use that version or a newer one.\n',
        });
      } finally {
        await empty.drop();
      }
    });
  });

  describe('token', () => {
    it('makes a token that is good until it is revoked', async () => {
      const tokens = createApiTokens(fresh.database);
      const token = (await done('token', 'create', 'player', '--scopes', 'read')).trimEnd();
      const holder = await tokens.holderOf(token);
      expect(holder).to.deep.include({ userId: OWNER_ID, scopes: ['read'] });
      const id = holder?.tokenId ?? '';

      const [listed, shown] = await Promise.all([
        done('token', 'list', '--json'),
        done('token', 'list'),
      ]);
      expect(JSON.parse(listed)).to.deep.equal(await tokens.list({ userId: OWNER_ID }));
      expect(shown).to.include(id).and.to.include('player');
      expect(listed + shown).not.to.include(token);

      expect(await done('token', 'revoke', id)).to.match(/^Revoked\. /);
      expect(await tokens.holderOf(token)).to.equal(undefined);
    });

    it('is not made for nobody or with scopes that there are not, nor revoked where there is none', async () => {
      const [nobody, scope, none] = await refused(
        ['token', 'create', 'x', '--user', NOBODY],
        ['token', 'create', 'x', '--scopes', 'read,rule'],
        ['token', 'revoke', NOBODY],
      );
      expect(nobody).to.equal(`There is no account ${NOBODY}.\n`);
      expect(scope).to.include("'read,rule' is invalid. scopes are read, watch, write, admin");
      expect(none).to.equal(`There is no token ${NOBODY}, or it is revoked already.\n`);
    });
  });

  describe('serve, after all these', () => {
    it("makes and shows the owner's token, which no tool did", async () => {
      expect(await createApiTokens(fresh.database).list({ userId: OWNER_ID })).to.deep.equal([]);
      const serving = await startServe({ DATABASE_URL: fresh.connectionString });
      expect(await serving.end('SIGTERM')).to.include({ code: 0, stderr: '' });
      const holder = await createApiTokens(fresh.database).holderOf(serving.token ?? '');
      expect(holder).to.include({ userId: OWNER_ID });
    });
  });
});
