import { expect } from 'chai';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { reellogOn } from '../../../support/service/cliProcess.js';
import { openCommandProcess } from '../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';

describe('reellog export', () => {
  let fresh: FreshDatabase;
  let home: string;
  let log: readonly RecordedEvent[];

  const { done, refused } = reellogOn(() => fresh.connectionString);
  const folder = (name: string): string => join(home, name);

  before(async () => {
    fresh = await freshDatabase();
    home = await mkdtemp(join(tmpdir(), 'reellog-test-export-'));
    // The command makes the owner's account.
    await done('rebuild', 'stats');
    const commands = await openCommandProcess(fresh.connectionString);
    for (const title of ['Ordet', 'Gertrud', 'Vampyr']) {
      const { id } = await commands.run('ImportMovie', { title });
      await commands.run('RecordWatchEvent', { movieId: id, rating: 9 });
    }
    log = (await commands.eventStore.readAll()).events;
    await commands.close();
  });
  after(async () => {
    await fresh.drop();
    await rm(home, { recursive: true, force: true });
  });

  /** The positions of a table's rows in a folder of NDJSON. */
  const positionsIn = async (name: string, table: string): Promise<readonly string[]> => {
    const parts = join(folder(name), 'events', table);
    const texts = await Promise.all(
      (await readdir(parts)).sort().map((part) => readFile(join(parts, part), 'utf8')),
    );
    return texts
      .flatMap((text) => text.trimEnd().split('\n'))
      .map((line) => String(Reflect.get(JSON.parse(line) as object, 'position')));
  };
  const positionsOf = (events: readonly RecordedEvent[]): readonly string[] =>
    events.map(({ position }) => String(position));

  it('writes the tables asked for, and says what there is of them', async () => {
    const said: unknown = JSON.parse(
      await done('export', folder('ratings'), '--only', 'title_rated,stats', '--json'),
    );
    expect(said).to.deep.include({
      ...{ folder: folder('ratings'), format: 'parquet', events: { title_rated: 3 } },
      position: String(log.at(-1)?.position),
    });
    expect(await readdir(join(folder('ratings'), 'events'))).to.deep.equal(['title_rated']);
    expect(await readdir(join(folder('ratings'), 'read_models'))).to.deep.equal(['stats']);
    expect(await done('export', folder('ratings'))).to.match(
      /ratings holds the log up to position \d+ \(3 rows in 1 tables\) and read models/,
    );
  });

  it('begins at a position, at a time, or where an earlier export ended', async () => {
    const [, second, , , fifth] = log;
    if (!second || !fifth) throw new Error('the log is too short');
    const events = ['--only', 'events', '--format', 'ndjson'];
    const since = (name: string, where: string) =>
      done('export', folder(name), ...events, '--since', where);
    await Promise.all([
      since('position', String(second.position)),
      since('time', fifth.recordedAt.toISOString()),
    ]);
    expect(await positionsIn('position', 'events')).to.deep.equal(positionsOf(log.slice(2)));
    expect(await positionsIn('time', 'events')).to.deep.equal(
      positionsOf(log.filter(({ recordedAt }) => recordedAt >= fifth.recordedAt)),
    );
    const commands = await openCommandProcess(fresh.connectionString);
    await commands.run('ImportMovie', { title: 'Later' });
    const last = (await commands.eventStore.readAll({ direction: 'backwards', maxCount: 1 }))
      .events;
    await commands.close();
    await since('delta', folder('time'));
    expect(await positionsIn('delta', 'events')).to.deep.equal(positionsOf(last));
  });

  it('refuses what it cannot do, in words', async () => {
    const target = folder('refused');
    const [format, where, noFolder, table, notOne] = await refused(
      ['export', target, '--format', 'xlsx'],
      ['export', target, '--since', '2026-13-45'],
      ['export', target, '--since', folder('nowhere')],
      ['export', target, '--only', 'title_rated,tittle'],
      ['export', home],
    );
    expect(format).to.match(/Allowed choices are parquet, ndjson, csv/);
    expect(where).to.match(/not a date or time/);
    expect(noFolder).to.match(/nowhere is not a position, a time, or the folder of an export/);
    expect(table).to.match(/There is no tittle to export\. There are: .*stats.*movie_watched/);
    expect(notOne).to.match(/is not empty, and not an export/);
  });
});
