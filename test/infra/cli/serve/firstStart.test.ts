import { expect } from 'chai';
import { startServe, type ServeProcess } from '../../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { memberOf, openHttpClient } from '../../../support/service/httpClient.js';

/** Two processes of the API are started at once on a database that is empty; nothing projects yet. */
describe('The first start of several processes at once', () => {
  let fresh: FreshDatabase;
  let started: readonly ServeProcess[];

  before(async () => {
    fresh = await freshDatabase({ contents: 'nothing' });
    const settings = { DATABASE_URL: fresh.connectionString, REELLOG_ROLE: 'api' };
    started = await Promise.all([startServe(settings), startServe(settings)]);
  });
  after(async () => {
    await Promise.all(started.map((serving) => serving.end('SIGTERM')));
    await fresh.drop();
  });

  it('shows one token of the owner, once', async () => {
    const shown = started.map(({ token }) => token).filter((token) => token !== undefined);
    expect(shown).to.have.length(1);
    const rows = await fresh.database.query({ text: 'select name from api_tokens' });
    expect(rows).to.deep.equal([{ name: 'first start' }]);
  });

  it('shows the owner their account at once', async () => {
    const token = started.map((serving) => serving.token).find((one) => one !== undefined);
    for (const { url } of started) {
      const client = openHttpClient(url);
      const { status, json } = await client.send({ path: '/api/v1/me', token });
      client.close();
      expect(status).to.equal(200);
      expect(json).to.include({
        displayName: 'Owner',
        role: 'owner',
        timezone: 'UTC',
        revision: 0,
      });
      expect(memberOf(json, 'registeredAt')).to.match(/Z$/);
    }
  });
});
