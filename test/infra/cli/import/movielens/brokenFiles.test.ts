import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { UsageError } from '../../../../../src/infra/cli/exitCodes.js';
import { importMovieLens } from '../../../../../src/infra/cli/import/movielens/importMovieLens.js';
import { rejection } from '../../../../support/deciders/rejection.js';

const whole = {
  'movies.csv': 'movieId,title,genres\n1,Toy Story (1995),Comedy\n2,Heat (1995),Crime\n',
  'links.csv': 'movieId,imdbId,tmdbId\n1,0114709,862\n2,0113277,949\n',
  'ratings.csv': 'userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,5.0,964982704\n',
  'tmdb.csv': 'id,title,genres\n862,Toy Story,"[{""name"": ""Comedy""}]"\n949,Heat,[]\n',
};
type File = keyof typeof whole;

/** What is wrong, the file with its content (gzipped under its name where it is bytes), and what must be said of it. */
const broken: readonly (readonly [string, File, string | Buffer, RegExp])[] = [
  [
    'without a column',
    'ratings.csv',
    'userId,rating,timestamp\n1,4.0,964982703\n',
    /: it has no column movieId, but userId, rating, timestamp\.$/,
  ],
  ['with nothing in it', 'links.csv', '', /: it is empty\.$/],
  [
    'with a quote in the middle of a word',
    'movies.csv',
    'movieId,title,genres\n1,"A "broken quote,Comedy\n',
    /: Invalid Closing Quote: .* at line 2/,
  ],
  [
    'with too few cells in a row',
    'movies.csv',
    'movieId,title,genres\n1,Toy Story (1995)\n',
    /: Invalid Record Length: .* on line 2/,
  ],
  [
    'with a word for a number',
    'ratings.csv',
    'userId,movieId,rating,timestamp\n1,1,4.0,964982703\n1,2,5.0,yesterday\n',
    /, row 2: timestamp should be a number, not "yesterday"\.$/,
  ],
  [
    'with no number at all',
    'movies.csv',
    'movieId,title,genres\n,Toy Story (1995),Comedy\n',
    /, row 1: movieId should be a number, not ""\.$/,
  ],
  [
    'with a cell that is no JSON',
    'tmdb.csv',
    'id,title,genres\n949,Heat,[]\n862,Toy Story,"[{""name"" oops"\n',
    /, row 2: genres should be a list in JSON\.$/,
  ],
  ['that is another', 'tmdb.csv', whole['movies.csv'], /: it has no column id, but movieId, title/],
  ['named .gz that is not', 'movies.csv', Buffer.from('no gzip'), /: incorrect header check\.$/],
  [
    'named .gz that ends too early',
    'ratings.csv',
    gzipSync(whole['ratings.csv']).subarray(0, 30),
    /: unexpected end of file\.$/,
  ],
];

describe('A broken file of a MovieLens dataset', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reellog-broken-'));
    for (const [name, content] of Object.entries(whole))
      await writeFile(join(folder, name), content);
  });
  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  for (const [what, file, content, says] of broken) {
    it(`${what} is told by its name and place (${file}), before anything is imported`, async () => {
      const path = join(folder, typeof content === 'string' ? file : `${file}.gz`);
      await rm(join(folder, file));
      await writeFile(path, content);
      let commands = 0;
      const error = await rejection(
        importMovieLens({
          execute: () => {
            commands += 1;
            return Promise.reject(new Error('nothing may be imported'));
          },
          folder,
          metadata: join(folder, 'tmdb.csv'),
          signal: new AbortController().signal,
        }),
        UsageError,
      );
      expect(error.message).to.match(says);
      expect(error.message.startsWith(`Cannot read ${path}`), error.message).to.equal(true);
      expect(commands).to.equal(0);
    });
  }
});
