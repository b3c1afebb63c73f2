import {
  ProviderFailure,
  type CollectionProvider,
  type FoundFilm,
  type MovieProvider,
} from '../../../commands/ports/movieProvider.js';
import { isRecord } from '../../../domain/record.js';
import { matchOf } from '../../../domain/movie/matching.js';
import type { Window } from '../../../domain/sync/window.js';
import type { PersonProvider } from '../../people/people.js';
import type { Outgoing, Provider } from '../../outgoing/outgoing.js';
import { amountIn, listIn, type Answer } from '../answers.js';
import { asProviderFailure, isNotFound } from '../providerFault.js';
import { collectionOf } from './tmdbCollection.js';
import { collectionIn, detailsOf, foundIn, PARTS } from './tmdbMovie.js';
import { personOf } from './tmdbPerson.js';

/** What TMDb is asked with. */
export interface TmdbSettings {
  /** A key of version 3, or a token of version 4. */
  readonly key: string;
  /** `https://api.themoviedb.org/3`. */
  readonly baseUrl: string;
  /** In which titles and texts are wanted, with the country whose ratings are: `de-DE`. */
  readonly language: string;
}

/** TMDb as it is asked: some 40 requests a second are what its limits allow (developer.themoviedb.org, rate limiting). */
export const tmdbProvider = ({ key, baseUrl }: TmdbSettings, isDefault: boolean): Provider => ({
  name: 'TMDb',
  baseUrl,
  origins: [{ origin: new URL(baseUrl).origin, mayBeInternal: !isDefault }],
  // Tokens are JSON Web Tokens, keys hexadecimal digits.
  ...(key.includes('.')
    ? { headers: { authorization: `Bearer ${key}` } }
    : { headers: {}, query: { api_key: key } }),
  perSecond: 40,
  atOnce: 10,
  limits: { timeoutMs: 10_000, maxBytes: 8_000_000 },
});

/** What changed at TMDb. */
export interface ChangesAtTmdb {
  /**
   * A page of the ids of films or people that changed on these days, at most 14, and how many pages there are.
   */
  changed(
    what: 'movie' | 'person',
    days: Window,
    page: number,
    signal: AbortSignal,
  ): Promise<{ readonly ids: readonly number[]; readonly pages: number }>;
}

/** Films and people as TMDb's API of version 3 knows them (https://developer.themoviedb.org/reference). */
export const createTmdb = (
  outgoing: Pick<Outgoing, 'getJson'>,
  { language }: Pick<TmdbSettings, 'language'>,
): MovieProvider & CollectionProvider & PersonProvider & ChangesAtTmdb => {
  const country = language.split('-')[1] ?? '';

  /** @returns `undefined` where it answers that there is no such thing */
  const get = async (
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    signal: AbortSignal,
  ): Promise<Answer | undefined> => {
    try {
      const answer = await outgoing.getJson(path, { query: { language, ...query }, signal });
      if (!isRecord(answer))
        throw new ProviderFailure('TMDb', 'malformed', `TMDb: ${path} is no object`);
      return answer;
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw asProviderFailure(error);
    }
  };

  const search = async (
    query: string,
    year: number | undefined,
    signal: AbortSignal,
  ): Promise<readonly FoundFilm[]> => {
    const answer = await get('/search/movie', { query, year, include_adult: 'false' }, signal);
    return foundAll(answer, 'results');
  };

  return {
    name: 'TMDb',
    searchMovies: (query, { year, signal }) => search(query, year, signal),
    getMovieMetadata: async (tmdbId, signal) => {
      const answer = await get(`/movie/${tmdbId}`, { append_to_response: PARTS }, signal);
      if (answer === undefined) return undefined;
      const details = detailsOf(answer, country);
      // A film that was merged into another has the id of that one.
      const collectionTmdbId = collectionIn(answer);
      if (details) {
        return {
          tmdbId,
          ...details,
          ...(collectionTmdbId === undefined ? {} : { collectionTmdbId }),
        };
      }
      throw new ProviderFailure('TMDb', 'malformed', `TMDb: film ${tmdbId} has no title`);
    },
    getCollection: async (tmdbId, signal) => {
      const answer = await get(`/collection/${tmdbId}`, {}, signal);
      if (answer === undefined) return undefined;
      const collection = collectionOf(tmdbId, answer);
      if (collection) return collection;
      const message = `TMDb: collection ${tmdbId} has no name or no list of films`;
      throw new ProviderFailure('TMDb', 'malformed', message);
    },
    getPerson: async (tmdbId, signal) => {
      const answer = await get(`/person/${tmdbId}`, {}, signal);
      return answer && personOf(tmdbId, answer);
    },
    changed: async (what, { start, end }, page, signal) => {
      const days = { start_date: start, end_date: end, page, language: undefined };
      const answer = await get(`/${what}/changes`, days, signal);
      const pages = answer?.total_pages;
      if (answer === undefined || typeof pages !== 'number' || !Array.isArray(answer.results)) {
        throw new ProviderFailure('TMDb', 'malformed', `TMDb: /${what}/changes is no list`);
      }
      return {
        ids: listIn(answer, 'results').flatMap((one) => amountIn(one, 'id') ?? []),
        pages,
      };
    },
    matchMovie: async (wanted, signal) => {
      const { title, year, imdbId } = wanted;
      if (imdbId !== undefined) {
        const answer = await get(`/find/${imdbId}`, { external_source: 'imdb_id' }, signal);
        const [film] = foundAll(answer, 'movie_results');
        if (film) return { film, confidence: 1 };
      }
      const about = { title, ...(year === undefined ? {} : { year }) };
      const found = matchOf(about, await search(title, year, signal));
      // With a year TMDb finds films of that year alone; others are out by one.
      return (
        found ??
        (year === undefined ? undefined : matchOf(about, await search(title, undefined, signal)))
      );
    },
  };
};

const foundAll = (answer: Answer | undefined, field: string): readonly FoundFilm[] =>
  answer === undefined ? [] : listIn(answer, field).flatMap((one) => foundIn(one) ?? []);
