import { expect } from 'chai';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCli } from '../../../support/service/cliProcess.js';
import { freshDatabase } from '../../../support/postgres/database.js';

/** What looks at a database, or works on one that is there. */
const commands: readonly (readonly string[])[] = [
  ['token', 'list'],
  ['token', 'create', 'phone'],
  ['log', 'verify'],
  ['events'],
  ['projections'],
  ['parked', 'list'],
  ['jobs'],
  ['sql', 'select 1'],
  ['export', 'somewhere'],
  ['replay', 'stats'],
  ['verify', 'stats'],
  ['rebuild', 'stats'],
];

describe('A command in a data folder without a database', () => {
  let home: string;
  before(async () => {
    home = await mkdtemp(join(tmpdir(), 'reellog-test-mistyped-'));
  });
  after(() => rm(home, { recursive: true }));

  for (const args of commands) {
    it(`says so and makes none: ${args.join(' ')}`, async () => {
      const mistyped = join(home, 'mistyped');
      expect(await runCli(args, { REELLOG_DATA_DIR: mistyped })).to.deep.equal({
        ...{ code: 2, signal: null, stdout: '' },
        stderr:
          `There is no database in the data folder ${mistyped}. Set REELLOG_DATA_DIR to the folder of one, or ` +
          'begin one there with "reellog serve".\n',
      });
      expect(await readdir(home)).to.deep.equal([]);
    });
  }
});

describe('A command on a database of one’s own without Reellog in it', () => {
  it('says so and makes no tables', async () => {
    const empty = await freshDatabase({ contents: 'nothing' });
    try {
      const { code, stdout, stderr } = await runCli(['token', 'list'], {
        DATABASE_URL: empty.connectionString,
      });
      expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      expect(stderr).to.match(
        /^There is nothing of Reellog in the database "test_\w+"\. Name another/,
      );
      const made = `select 1 from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`;
      expect(await empty.database.query({ text: made })).to.deep.equal([]);
    } finally {
      await empty.drop();
    }
  });
});
