import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../../../src/infra/cli/exitCodes.js';
import { importMovieLens } from '../../../../../src/infra/cli/import/movielens/importMovieLens.js';
import { movies } from '../../../../../src/queries/catalogue/movies.js';
import { answersOf } from '../../../../support/service/answers.js';
import { startReellog, type RunningReellog } from '../../../../support/service/reellog.js';

const CSV = {
  'movies.csv': [
    'movieId,title,genres',
    '1,Toy Story (1995),Adventure|Animation',
    '2,"Matrix, The (1999)",(no genres listed)',
    '3,Confessions of a Dangerous Mind (2002),Comedy',
    '4,Confessions of a Dangerous Mind (2002),Comedy',
    '5,Hyena Road,(no genres listed)',
    '6,"",Drama',
  ],
  // 3 and 4 are one film; 5 is known nowhere else.
  'links.csv': [
    'movieId,imdbId,tmdbId',
    '1,0114709,862',
    '2,133093,603',
    '3,0270288,4912',
    '4,0270288,4912',
  ],
  'ratings.csv': [
    'userId,movieId,rating,timestamp',
    '1,1,4.0,964982703',
    '1,2,0.5,964981247',
    '2,5,5.0,1500000000',
    '2,6,3.0,1500000001',
    '2,1,3.0,99999999999',
    '2,7,3.0,1500000002',
  ],
};

describe('Importing a MovieLens folder', () => {
  let service: RunningReellog;
  let folder: string;

  before(async () => {
    service = await startReellog();
    folder = await mkdtemp(join(tmpdir(), 'reellog-test-movielens-'));
    for (const [name, lines] of Object.entries(CSV)) {
      await writeFile(join(folder, name), `\uFEFF${lines.join('\r\n')}\r\n`);
    }
  });
  after(async () => {
    await service.close();
    await rm(folder, { recursive: true });
  });

  const run = (options: { readonly metadata?: string; readonly signal?: AbortSignal } = {}) =>
    importMovieLens({
      ...{ execute: service.reellog.execute, folder, signal: new AbortController().signal },
      ...options,
    });

  it('begins nothing once it is told to stop', async () => {
    const head = await service.head();
    const summary = await run({ signal: AbortSignal.abort() });
    expect(summary).to.deep.include({ events: 0, position: 0n, refused: [] });
    expect(await service.head()).to.equal(head);
  });

  it('says which file is missing', async () => {
    await rm(join(folder, 'links.csv'));
    const outcome = await run().catch((error: unknown) => error);
    await writeFile(join(folder, 'links.csv'), CSV['links.csv'].join('\n'));
    expect(outcome).to.be.instanceOf(UsageError);
    expect(String(outcome)).to.include('links.csv').and.include(folder);
    const metadata = await run({ metadata: join(folder, 'none.csv') }).catch(
      (error: unknown) => error,
    );
    expect(metadata).to.be.instanceOf(UsageError);
    expect(String(metadata)).to.include('none.csv');
  });

  it('takes what it can, and says what was refused, why, and for example which', async () => {
    const summary = await run();
    expect(summary.films).to.deep.equal({ added: 4, alreadyThere: 1, refused: 1 });
    expect(summary.people).to.deep.equal({ added: 2, alreadyThere: 0, refused: 0 });
    expect(summary.ratings).to.deep.equal({ added: 3, alreadyThere: 0, refused: 3 });
    expect(summary.events).to.equal(4 + 2 + 3 * 2);
    expect(summary.position).to.equal(await service.head());
    const refused = Object.fromEntries(summary.refused.map(({ code, ...rest }) => [code, rest]));
    expect(refused).to.have.all.keys('malformed', 'film-refused', 'watched-in-future');
    expect(refused.malformed?.example).to.include('film 6');
    expect(refused['film-refused']).to.deep.equal({ count: 2, example: 'film 6' });
    expect(refused['watched-in-future']?.example).to.include('person 2, film 1');
    await service.caughtUp();
    const { movies: listed } = await answersOf(service).ask(movies, '/movies?sort=title');
    expect(
      listed.map(({ title, year, genres, imdbId }) => [title, year, genres, imdbId]),
    ).to.deep.equal([
      ['Confessions of a Dangerous Mind', 2002, ['Comedy'], 'tt0270288'],
      ['Hyena Road', undefined, undefined, undefined],
      ['The Matrix', 1999, undefined, 'tt0133093'],
      ['Toy Story', 1995, ['Adventure', 'Animation'], 'tt0114709'],
    ]);
  });

  it('adds nothing more when it is run again, and refuses the same', async () => {
    const head = await service.head();
    const summary = await run();
    expect(summary.films).to.deep.equal({ added: 0, alreadyThere: 5, refused: 1 });
    expect(summary.ratings).to.deep.equal({ added: 0, alreadyThere: 3, refused: 3 });
    expect(await service.head()).to.equal(head);
  });
});
