import { expect } from 'chai';
import type { RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { createReadModelStore } from '../../../../src/infra/readModels/live/readModelStore.js';
import { catalogue } from '../../../../src/projections/catalogue/catalogue.js';
import type { ProjectedEvent, Projection } from '../../../../src/projections/ports/projection.js';
import { stats } from '../../../../src/projections/stats/stats.js';
import { reellogOn, runCli, startCli } from '../../../support/service/cliProcess.js';
import {
  member,
  openCommandProcess,
  owner,
  type CommandProcess,
} from '../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { memberOf } from '../../../support/service/httpClient.js';

/** More rows than a pipe holds. */
const FILMS = 300;

interface Line {
  readonly table: string;
  readonly row: Readonly<Record<string, unknown>>;
}

const linesOf = (output: string): readonly Line[] =>
  output
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Line);

describe('reellog replay', () => {
  let fresh: FreshDatabase;
  let commands: CommandProcess;
  let events: readonly RecordedEvent[];
  let rated: RecordedEvent;

  const { done, refused } = reellogOn(() => fresh.connectionString);
  const replayed = async (...args: readonly string[]) => linesOf(await done('replay', ...args));

  before(async () => {
    fresh = await freshDatabase();
    // The command makes the owner's account.
    await done('projections');
    commands = await openCommandProcess(fresh.connectionString);
    const films = [];
    for (let nth = 0; nth < FILMS; nth += 50) {
      const some = Array.from({ length: 50 }, (_, more) =>
        commands.run('ImportMovie', { title: `Film ${nth + more}`, genres: ['Drama', 'War "x"'] }),
      );
      films.push(...(await Promise.all(some)));
    }
    const [first, second] = films.map(({ id }) => id);
    for (const actor of [owner, member]) {
      await commands.run('RecordWatchEvent', { movieId: first ?? '', rating: 8 }, { actor });
      await commands.run('RecordWatchEvent', { movieId: second ?? '' }, { actor });
    }
    await commands.run('EditMovieDetails', { movieId: first ?? '', changes: { title: 'Renamed' } });
    events = (await commands.eventStore.readAll({ maxCount: 10_000 })).events;
    const found = events.find(({ type }) => type === 'TitleRated');
    if (!found) throw new Error('nobody rated a film');
    rated = found;
  });
  after(async () => {
    await commands.close();
    await fresh.drop();
  });

  /** Makes a read model as the service does. */
  const serve = async (projection: Projection): Promise<void> => {
    const store = createReadModelStore(fresh.database);
    const isHandled = (event: RecordedEvent): event is RecordedEvent & ProjectedEvent =>
      (projection.handles as readonly string[]).includes(event.type);
    const head = events.at(-1)?.position ?? 0n;
    await store.advance(await store.prepare(projection), head, (tx) =>
      projection.project(events.filter(isHandled), tx, { of: () => [] }),
    );
    await store.close();
  };

  it('prints the rows that are served, in the order of their keys', async () => {
    for (const projection of [stats, catalogue]) await serve(projection);
    for (const [name, table, key] of [
      ['stats', 'totals', 'user_id, period'],
      ['stats', 'title_plays', 'user_id, title_id'],
      ['catalogue', 'movies', 'movie_id'],
    ] as const) {
      const rows = await fresh.database.query<{ row: unknown }>({
        text: `select row_to_json(t) as row from ${name}.${table} t order by ${key}`,
      });
      const lines = await replayed(name, '--table', table);
      expect(lines.map(({ row }) => row)).to.deep.equal(rows.map(({ row }) => row));
      expect(new Set(lines.map((line) => line.table))).to.deep.equal(new Set([table]));
    }
  });

  it('prints them as they would have been at a position or a time', async () => {
    const plays = (lines: readonly Line[]) =>
      lines
        .filter(({ table, row }) => table === 'totals' && row.period === 'all')
        .map(({ row }) => row.plays);
    const today = new Date().toISOString().slice(0, 10);
    const [atPosition, atTime, atFirst, now, titles] = await Promise.all([
      replayed('stats', '--as-of', String(rated.position)),
      replayed('stats', '--as-of', rated.recordedAt.toISOString()),
      replayed('stats', '--as-of', '2020-02-29'),
      replayed('stats', '--as-of', today, '--table', 'totals'),
      replayed('catalogue', '--as-of', String(rated.position)),
    ]);
    expect(plays(atPosition)).to.deep.equal([1]);
    expect(atTime).to.deep.equal(atPosition);
    expect(atFirst).to.deep.equal([]);
    expect(plays(now)).to.deep.equal([2, 2]);
    expect(titles.map(({ row }) => row.title)).not.to.include('Renamed');
  });

  it('prints what one person did alone', async () => {
    const lines = await replayed('stats', '--user', member.userId.toUpperCase());
    expect(new Set(lines.map(({ row }) => row.user_id))).to.deep.equal(new Set([member.userId]));
    const all = await replayed('stats');
    expect(lines).to.deep.equal(all.filter(({ row }) => row.user_id === member.userId));
    expect(await replayed('stats', '--user', '00000000-0000-4000-8000-000000000000')).to.deep.equal(
      [],
    );
  });

  it('refuses what there is not, and what is yet to come', async () => {
    const head = await commands.eventStore.headPosition();
    const said = await refused(
      ['replay', 'movies'],
      ['replay', 'stats', '--table', 'plays'],
      ['replay', 'catalogue', '--user', member.userId],
      ['replay', 'stats', '--as-of', '2999-01-01T00:00Z'],
      ['replay', 'stats', '--as-of', String(head + 1n)],
    );
    expect(said[0]).to.include('There are: accounts, catalogue,');
    expect(said[1]).to.include('There are: days, tallies, title_plays, totals.');
    expect(said[2]).to.include('not about people');
    expect(said[4]).to.include(`ends at position ${head}`);
  });

  it('leaves nothing behind, and what is served as it is, when nobody reads on', async () => {
    const settings = { DATABASE_URL: fresh.connectionString };
    const state = () =>
      fresh.database.query({
        text: `select (select json_agg(c) from projections.checkpoints c) as checkpoints,
                      (select json_agg(nspname order by nspname) from pg_namespace) as schemas`,
      });
    const before = await state();
    const reading = startCli(['replay', 'catalogue'], settings);
    reading.closeOutput();
    expect((await reading.ended).code).to.equal(0);
    const whole = await runCli(['replay', 'catalogue', '--table', 'movies'], settings);
    expect(linesOf(whole.stdout)).to.have.lengthOf(FILMS);
    expect(memberOf(linesOf(whole.stdout)[0], 'row', 'genres')).to.deep.equal(['Drama', 'War "x"']);
    expect(await state()).to.deep.equal(before);
  });
});
