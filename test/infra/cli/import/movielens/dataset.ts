import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import { datasets } from '../../../../support/run/datasets.js';

/** GroupLens' ml-latest-small (https://grouplens.org/datasets/movielens/latest/), its CSV files gzipped. */
export const MOVIELENS = `${datasets}ml-latest-small`;
/** The TMDb 5000 films, gzipped. */
export const TMDB = `${datasets}tmdb5000/tmdb_5000_movies.csv.gz`;

/** A film as the two files tell of it, read without a line of Reellog's. */
export interface CsvFilm {
  /** How to find it in the catalogue. */
  readonly key: string;
  readonly movieLensTitle: string;
  /** TMDb's title, where TMDb knows the film. */
  readonly title?: string;
  readonly year?: number;
  readonly releaseDate?: string;
  readonly minutes?: number;
  readonly genres: readonly string[];
  readonly countries: readonly string[];
  readonly language?: string;
  readonly studios: readonly string[];
  readonly communityRating?: number;
}

/** One rating: a watch and a rating of 0 to 10 at that moment. */
export interface CsvPlay {
  readonly film: CsvFilm;
  readonly instant: string;
  readonly rating: number;
}

/** The first people of the dataset. */
export interface Slice {
  readonly films: readonly CsvFilm[];
  /** What each person watched, first to last. */
  readonly people: ReadonlyMap<number, readonly CsvPlay[]>;
}

export const readSlice = (people: number): Slice => {
  const ratings = rowsOf(`${MOVIELENS}/ratings.csv.gz`).filter(
    (row) => Number(row.userId) <= people,
  );
  const rated = new Set(ratings.map((row) => row.movieId));
  const links = new Map(rowsOf(`${MOVIELENS}/links.csv.gz`).map((row) => [row.movieId, row]));
  const tmdb = new Map(rowsOf(TMDB).map((row) => [row.id, row]));
  const films = new Map(
    rowsOf(`${MOVIELENS}/movies.csv.gz`)
      .filter(({ movieId }) => rated.has(movieId))
      .map((row) => {
        const link = links.get(row.movieId) ?? {};
        return [row.movieId, filmOf(row, link, tmdb.get(link.tmdbId))];
      }),
  );
  const plays = new Map<number, CsvPlay[]>();
  const inOrder = ratings.toSorted(
    (a, b) => Number(a.timestamp) - Number(b.timestamp) || Number(a.movieId) - Number(b.movieId),
  );
  for (const { userId, movieId, rating, timestamp } of inOrder) {
    const film = films.get(movieId);
    if (!film) throw new Error(`film ${movieId} is rated but not listed`);
    const own = plays.get(Number(userId)) ?? [];
    plays.set(Number(userId), own);
    own.push({
      film,
      instant: new Date(Number(timestamp) * 1000).toISOString(),
      rating: Number(rating) * 2,
    });
  }
  return { films: [...films.values()], people: plays };
};

type Row = Readonly<Record<string, string | undefined>>;

const filmOf = (movieLens: Row, link: Row, tmdb: Row = {}): CsvFilm => {
  const yearInTitle = /\((\d{4})\)\s*$/.exec(movieLens.title ?? '')?.[1];
  // Zero is TMDb's word for an amount that is not known.
  const minutes = Number(tmdb.runtime ?? 0);
  const votes = Number(tmdb.vote_count ?? 0);
  const releaseDate = tmdb.release_date ?? '';
  return {
    key: link.tmdbId ? `tmdb ${link.tmdbId}` : `imdb tt${link.imdbId?.padStart(7, '0')}`,
    movieLensTitle: movieLens.title ?? '',
    ...(tmdb.title ? { title: tmdb.title } : {}),
    ...(releaseDate
      ? { releaseDate, year: Number(releaseDate.slice(0, 4)) }
      : yearInTitle
        ? { year: Number(yearInTitle) }
        : {}),
    ...(minutes > 0 ? { minutes } : {}),
    genres: tmdb.genres
      ? namesIn(tmdb.genres, 'name')
      : (movieLens.genres ?? '').split('|').filter((genre) => genre !== '(no genres listed)'),
    countries: namesIn(tmdb.production_countries, 'iso_3166_1'),
    ...(tmdb.original_language ? { language: tmdb.original_language } : {}),
    studios: namesIn(tmdb.production_companies, 'name'),
    ...(votes > 0 ? { communityRating: Number(tmdb.vote_average) } : {}),
  };
};

/** One field of the things listed in a cell as JSON, each once. */
const namesIn = (cell: string | undefined, field: string): readonly string[] => {
  const things: unknown = JSON.parse(cell ?? '[]');
  if (!Array.isArray(things)) throw new Error(`not a list: ${cell}`);
  return [
    ...new Set(things.map((thing: Readonly<Record<string, unknown>>) => String(thing[field]))),
  ];
};

const rowsOf = (path: string): readonly Row[] => {
  if (!existsSync(path)) {
    throw new Error(
      `${path} is missing: this test reads MovieLens and the TMDb 5000 films from there`,
    );
  }
  return parse(gunzipSync(readFileSync(path)), { columns: true, bom: true });
};
