import { readFileSync } from 'node:fs';

/** What somebody types, and the films any of which should come first. */
export interface SearchQuery {
  readonly kind: string;
  readonly typed: string;
  /** As `Psycho (1998)`. */
  readonly films: readonly string[];
}

/** How a query went. */
export interface Judged extends SearchQuery {
  /** What was found, as `Psycho (1998)`. */
  readonly found: readonly string[];
  /** Where the first film that was looked for stands, from 1; 0 where it is not among them. */
  readonly place: number;
}

interface FoundFilm {
  readonly title: string;
  readonly year?: number;
}

/** The 200 queries by which the search is measured, over all titles of MovieLens with TMDb's data. */
export const searchQueries = (): readonly SearchQuery[] => {
  const file = new URL('searchQueries.json', import.meta.url);
  const kinds = JSON.parse(readFileSync(file, 'utf8')) as Record<string, [string, ...string[]][]>;
  return Object.entries(kinds).flatMap(([kind, queries]) =>
    queries.map(([typed, ...films]) => ({ kind, typed, films })),
  );
};

export const judged = (query: SearchQuery, films: readonly FoundFilm[]): Judged => {
  const found = films.map(({ title, year }) => `${title} (${year})`);
  const place = found.findIndex((film) => query.films.includes(film)) + 1;
  return { ...query, found, place };
};

/** How many of the queries have a film that was looked for among the first so many, in per cent. */
export const percentWithin = (places: number, all: readonly Judged[]): number =>
  (100 * all.filter(({ place }) => place > 0 && place <= places).length) / all.length;
