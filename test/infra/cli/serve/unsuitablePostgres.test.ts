import { expect } from 'chai';
import { runCli, type CliResult } from '../../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';

/** A start on a database that cannot serve ends at once, with one sentence, and without a word of serving. */
describe('A PostgreSQL that cannot serve', () => {
  let fresh: FreshDatabase;
  let latin1: string;

  before(async () => {
    fresh = await freshDatabase({ contents: 'nothing' });
    latin1 = `latin1_${process.pid}`;
    await fresh.database.query({
      text: `create database ${latin1} encoding 'LATIN1' template template0
             locale_provider libc locale 'C'`,
    });
  });
  after(async () => {
    await fresh.database.query({ text: `drop database ${latin1} with (force)` });
    await fresh.drop();
  });

  const startedOn = (connectionString: string): Promise<CliResult> =>
    runCli(['serve'], { DATABASE_URL: connectionString, PORT: '0' });
  const refused = (code: number, stderr: string): CliResult => ({
    ...{ code, signal: null, stdout: '' },
    stderr: `${stderr}\n`,
  });

  it('for its encoding is refused', async () => {
    const there = fresh.connectionString.replace(/\/\w+\?/, `/${latin1}?`);
    expect(await startedOn(there)).to.deep.equal(
      refused(
        4,
        `The database "${latin1}" has the encoding LATIN1, which cannot hold every title: make one with createdb ` +
          '--encoding=UTF8 --template=template0, and name it in DATABASE_URL.',
      ),
    );
  });

  it('for it is not there is named', async () => {
    const there = fresh.connectionString.replace(/\/\w+\?/, '/nothing?');
    expect(await startedOn(there)).to.deep.equal(
      refused(4, 'The database is not available: database "nothing" does not exist'),
    );
  });

  it('for its user is not there is named', async () => {
    const there = fresh.connectionString.replace(/\/\/\w+@/, '//nobody:secret@');
    expect(await startedOn(there)).to.deep.equal(
      refused(4, 'The database is not available: role "nobody" does not exist'),
    );
  });

  it('for no server answers is told', async () => {
    for (const [host, why] of [
      ['127.0.0.1:1', 'connect ECONNREFUSED 127.0.0.1:1'],
      ['nowhere.invalid', 'getaddrinfo (ENOTFOUND|EAI_AGAIN) nowhere.invalid'],
      ['localhost:1', '(connect ECONNREFUSED (::1|127.0.0.1):1(, )?)+'],
    ] as const) {
      const { code, stdout, stderr } = await startedOn(`postgresql://me:secret@${host}/films`);
      expect({ code, stdout }, host).to.deep.equal({ code: 4, stdout: '' });
      expect(stderr).to.match(new RegExp(`^The database is not available: ${why}\n$`));
    }
  });
});
