import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createInterface } from 'node:readline';
import { createGunzip } from 'node:zlib';
import type { MovieDetails } from '../../src/domain/movie/events.js';
import { csvRows } from '../../src/infra/cli/import/movielens/csv.js';
import { detailsOf as detailsOfRow } from '../../src/infra/cli/import/movielens/metadata.js';

const datasets = fileURLToPath(new URL('../../../shared/data/datasets', import.meta.url));

/** A film as a client imports it. */
export type Film = MovieDetails & { readonly tmdbId: number };

/** The 4,803 films of the TMDb 5000 set, without credits. */
export const films5000 = async (): Promise<readonly Film[]> => {
  const films: Film[] = [];
  for await (const row of csvRows(`${datasets}/tmdb5000/tmdb_5000_movies.csv.gz`)) {
    const { title } = row;
    if (title === undefined || title === '') continue;
    films.push({ ...detailsOfRow(row), title, tmdbId: Number(row.id) });
  }
  return films;
};

interface Line {
  readonly id: number;
  readonly title: string;
  readonly release_date: string | null;
  readonly overview: string | null;
  readonly runtime: number | null;
  readonly genres: readonly string[];
  readonly production_companies: readonly string[];
  readonly keywords: readonly string[];
  readonly credits: {
    readonly cast: readonly { readonly name: string; readonly character: string | null }[];
    readonly crew: readonly {
      readonly name: string;
      readonly job: string;
      readonly department?: string;
    }[];
  };
}

/** Some names have invisible marks in them, which clients are refused. */
const lineOf = (text: string): string =>
  text.replaceAll(/[\u200b\u200e\u200f\u2028\u2029\ufeff\p{Cc}]/gu, ' ').trim();

/** 1,450 films with all of their cast and crew. */
export const filmsWithCredits = async (): Promise<readonly Film[]> => {
  const file = createReadStream(`${datasets}/tmdb1450/movies-with-credits.ndjson.gz`);
  const films: Film[] = [];
  for await (const line of createInterface({ input: file.pipe(createGunzip()) })) {
    const { credits, ...film } = JSON.parse(line) as Line;
    films.push({
      title: film.title,
      tmdbId: film.id,
      ...(film.release_date ? { releaseDate: film.release_date } : {}),
      ...(film.overview ? { overview: film.overview } : {}),
      ...(film.runtime ? { runtimeMinutes: film.runtime } : {}),
      genres: [...new Set(film.genres)],
      studios: [...new Set(film.production_companies)],
      keywords: [...new Set(film.keywords)].slice(0, 200),
      cast: credits.cast.map(({ name, character }) => ({
        ...{ name: lineOf(name), ...(character ? { character: lineOf(character) } : {}) },
      })),
      crew: credits.crew.map(({ name, job, department }) => ({
        ...{ name: lineOf(name), job, ...(department === undefined ? {} : { department }) },
      })),
    });
  }
  return films;
};

export const creditsOf = (films: readonly Film[]): number =>
  films.reduce((sum, { cast = [], crew = [] }) => sum + cast.length + crew.length, 0);
