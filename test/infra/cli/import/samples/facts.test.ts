import { expect } from 'chai';
import {
  csvRows,
  findCsv,
  type CsvRow,
} from '../../../../../src/infra/cli/import/movielens/csv.js';
import { readSamples, samplesFolder } from '../../../../../src/infra/cli/import/samples/files.js';
import { needsDatasets } from '../../../../support/run/datasets.js';
import { MOVIELENS, TMDB } from '../movielens/dataset.js';

type Films = Awaited<ReturnType<typeof readSamples>>['films'];

/** Cuts differ by minutes, and so do those who count them. */
const MINUTES_APART = 5;
/** So many words in a row are copied, not written. */
const WORDS = 6;

const rowsBy = async (column: string, path: string): Promise<ReadonlyMap<string, CsvRow>> => {
  const rows = new Map<string, CsvRow>();
  for await (const row of csvRows(path)) rows.set(row[column] ?? '', row);
  return rows;
};

const runsOfWords = (text: string): readonly string[] => {
  const words = text.toLowerCase().match(/[\p{L}\p{N}']+/gu) ?? [];
  return words.slice(WORDS - 1).map((_, from) => words.slice(from, from + WORDS).join(' '));
};

describe('The facts of the sample films', () => {
  let films: Films;
  let tmdb: ReadonlyMap<string, CsvRow>;
  const known = (film: Films[number]): CsvRow | undefined => tmdb.get(String(film.tmdbId));

  before(async function () {
    needsDatasets(this, 'MovieLens and TMDb 5000');
    ({ films } = await readSamples(samplesFolder));
    tmdb = await rowsBy('id', TMDB);
  });

  it('have the ids and the year that MovieLens has', async () => {
    const links = await rowsBy('tmdbId', findCsv(MOVIELENS, 'links.csv'));
    const titles = await rowsBy('movieId', findCsv(MOVIELENS, 'movies.csv'));
    const compared = films.flatMap(({ title, tmdbId, imdbId, releaseDate }) => {
      const link = links.get(String(tmdbId));
      const there = titles.get(link?.movieId ?? '')?.title;
      return link === undefined || there === undefined
        ? []
        : [
            {
              ours: `${title}: ${imdbId}, ${releaseDate?.slice(0, 4)}`,
              theirs: `${title}: tt${link.imdbId}, ${/\((\d{4})\)\s*$/.exec(there)?.[1]}`,
            },
          ];
    });
    expect(compared.length, 'films that MovieLens knows too').to.be.at.least(75);
    expect(compared.map(({ ours }) => ours)).to.deep.equal(compared.map(({ theirs }) => theirs));
  });

  it('have the year, running time and a genre that TMDb has', () => {
    const compared = films.filter((film) => known(film) !== undefined);
    expect(compared.length, 'films that are among the TMDb 5000').to.be.at.least(35);
    for (const film of compared) {
      const row = known(film);
      expect(film.releaseDate?.slice(0, 4), film.title).to.equal(row?.release_date?.slice(0, 4));
      expect(film.runtimeMinutes, film.title).to.be.closeTo(Number(row?.runtime), MINUTES_APART);
      expect(film.originalLanguage, film.title).to.equal(row?.original_language);
      expect(
        film.genres?.some((genre) => row?.genres?.includes(`"${genre}"`)),
        `${film.title}: ${film.genres?.join(', ')} or ${row?.genres}`,
      ).to.equal(true);
    }
  });

  it('are told in words of our own', () => {
    const theirs = new Set(
      [...tmdb.values()].flatMap(({ overview = '' }) => runsOfWords(overview)),
    );
    expect(theirs.size).to.be.greaterThan(10_000);
    const copied = films.flatMap(({ title, overview = '' }) =>
      runsOfWords(overview)
        .filter((run) => theirs.has(run))
        .map((run) => `${title}: ${run}`),
    );
    expect(copied).to.deep.equal([]);
  });
});
