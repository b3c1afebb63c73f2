import { expect } from 'chai';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reellogOn, startCli } from '../../../support/service/cliProcess.js';
import { openCommandProcess } from '../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';

describe('reellog sql', () => {
  let fresh: FreshDatabase;
  let home: string;

  const { done, refused } = reellogOn(() => fresh.connectionString);

  before(async () => {
    fresh = await freshDatabase();
    home = await mkdtemp(join(tmpdir(), 'reellog-test-sql-'));
    const commands = await openCommandProcess(fresh.connectionString);
    for (const title of ['Ordet', 'Gertrud', 'Vampyr'])
      await commands.run('ImportMovie', { title });
    await commands.close();
  });
  after(async () => {
    await fresh.drop();
    await rm(home, { recursive: true, force: true });
  });

  it('prints answers as tables, of questions given or in a file', async () => {
    const file = join(home, 'questions.sql');
    await writeFile(
      file,
      `select count(*) as films from movie_imported;\nselect 'a\nb' as text, null as n`,
    );
    const [given, ofFile] = await Promise.all([
      done('sql', 'select title, position from movie_imported order by title'),
      done('sql', '--file', file),
    ]);
    expect(given.split('\n').map((line) => line.split(/ {2,}/)[0])).to.deep.equal([
      ...['title', 'Gertrud', 'Ordet', 'Vampyr', ''],
    ]);
    expect(ofFile).to.equal('films\n3\ntext  n\na b\n');
  });

  it('prints an answer in another format, or puts it into a file', async () => {
    const sql = 'select title from movie_imported order by title';
    const file = join(home, 'films.csv');
    const [lines] = await Promise.all([
      done('sql', sql, '--format', 'ndjson'),
      done('sql', sql, '--format', 'csv', '--output', file),
    ]);
    expect(lines).to.equal('{"title":"Gertrud"}\n{"title":"Ordet"}\n{"title":"Vampyr"}\n');
    expect(await readFile(file, 'utf8')).to.equal('title\nGertrud\nOrdet\nVampyr\n');
  });

  it('asks an export without a database', async () => {
    const folder = join(home, 'history');
    await done('export', folder, '--only', 'movie_imported');
    const { done: doneAlone } = reellogOn(() => 'postgresql://nobody@127.0.0.1:1/nothing');
    expect(
      await doneAlone('sql', '--from', folder, 'select count(*) as n from movie_imported'),
    ).to.equal('n\n3\n');
  });

  it('ends when it is told to, however long the answer takes, and leaves nothing behind', async () => {
    const temporary = join(home, 'temporary');
    await mkdir(temporary);
    const asking = startCli(
      ['sql', 'select count(*) from range(1e8::bigint) a, range(1e8::bigint) b'],
      {
        ...{ DATABASE_URL: fresh.connectionString, TMPDIR: temporary },
      },
    );
    await eventually('it begins', async () => (await readdir(temporary)).length > 0);
    expect(await asking.end('SIGINT')).to.deep.include({ code: 130, stdout: '' });
    expect(await readdir(temporary)).to.deep.equal([]);
  });

  it('refuses what is no question, in words', async () => {
    const [none, both, wrong, notOne] = await refused(
      ['sql'],
      ['sql', 'select 1', '--file', 'x.sql'],
      ['sql', 'select titel from movie_imported'],
      ['sql', 'select 1', '--from', home],
    );
    expect(none).to.match(/There is no statement to answer/);
    expect(both).to.match(/Give SQL or --file, not both/);
    expect(wrong).to.match(/"titel" not found/);
    expect(notOne).to.match(/is not an export: it has no manifest\.json/);
  });
});
