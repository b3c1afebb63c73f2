import { setImmediate } from 'node:timers/promises';
import type { KeptFilms, MediaManager } from '../../../commands/ports/mediaManager.js';
import {
  ProviderFailure,
  type FoundFilm,
  type MovieProvider,
} from '../../../commands/ports/movieProvider.js';
import { matchOf } from '../../../domain/movie/matching.js';
import { isRecord } from '../../../domain/record.js';
import type { Outgoing, Provider } from '../../outgoing/outgoing.js';
import { recordIn } from '../answers.js';
import { asProviderFailure, isNotFound } from '../providerFault.js';
import { fileIdOf, RADARR } from './radarrFile.js';
import { detailsOf, foundIn, keptFilmOf } from './radarrMovie.js';

/** What Radarr is asked with. */
export interface RadarrSettings {
  readonly key: string;
  /** With its URL base, if it has one: `http://nas:7878/radarr`. */
  readonly baseUrl: string;
}

/** What a library of 20,000 films takes to be told: its films come in one answer, some 5 kB each. */
const WHOLE_LIBRARY = { timeoutMs: 180_000, maxBytes: 200_000_000 };
const ONE_FILM = { timeoutMs: 10_000, maxBytes: 8_000_000 };

/**
 * Radarr as it is asked. It may well be inside the network: whoever runs the service names its host.
 * @param about a film, or all of the library at once
 */
export const radarrProvider = (
  { key, baseUrl }: RadarrSettings,
  about: 'films' | 'library',
): Provider => ({
  name: 'Radarr',
  baseUrl: `${baseUrl.replace(/\/+$/, '')}/api/v3`,
  origins: [{ origin: new URL(baseUrl).origin, mayBeInternal: true }],
  headers: { 'x-api-key': key },
  perSecond: 20,
  atOnce: 4,
  limits: about === 'library' ? WHOLE_LIBRARY : ONE_FILM,
});

/** The films of a Radarr of version 3 of the API (https://radarr.video/docs/api): those that its library has. */
export const createRadarr = (
  outgoing: Pick<Outgoing, 'getJson'>,
  { country }: { readonly country: string },
): MovieProvider & MediaManager => {
  /** @returns `undefined` where it answers that there is no such thing */
  const get = async (
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    signal: AbortSignal,
  ): Promise<unknown> => {
    try {
      return await outgoing.getJson(path, { query, signal });
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw asProviderFailure(error);
    }
  };

  const getList = async (
    path: string,
    query: Readonly<Record<string, string | number | undefined>>,
    signal: AbortSignal,
  ): Promise<readonly unknown[]> => {
    const answer = await get(path, query, signal);
    if (Array.isArray(answer)) return answer as readonly unknown[];
    throw malformed(`${path} is no list`);
  };

  const lookUp = async (term: string, signal: AbortSignal): Promise<readonly FoundFilm[]> =>
    foundAll(await getList('/movie/lookup', { term }, signal));

  return {
    name: 'Radarr',
    source: RADARR,
    searchMovies: async (query, { year, signal }) => {
      const found = await lookUp(query, signal);
      return year === undefined ? found : found.filter((film) => film.year === year);
    },
    getMovieMetadata: async (tmdbId, signal) => {
      const [movie] = await getList('/movie', { tmdbId }, signal);
      if (movie === undefined) return undefined;
      const details = isRecord(movie) ? detailsOf(movie, country) : undefined;
      if (details?.tmdbId === tmdbId) return details;
      throw malformed(`what it answers to TMDb's film ${tmdbId} is another one, or none`);
    },
    matchMovie: async ({ title, year, imdbId }, signal) => {
      if (imdbId !== undefined) {
        const [film] = foundAll([await get('/movie/lookup/imdb', { imdbId }, signal)]);
        if (film) return { film, confidence: 1 };
      }
      const wanted = { title, ...(year === undefined ? {} : { year }) };
      return matchOf(wanted, await lookUp(title, signal));
    },
    films: async (signal) => keptIn(await getList('/movie', {}, signal), country, signal),
  };
};

const malformed = (message: string): ProviderFailure =>
  new ProviderFailure('Radarr', 'malformed', `Radarr: ${message}`);

const foundAll = (answer: readonly unknown[]): readonly FoundFilm[] =>
  answer.filter(isRecord).flatMap((movie) => foundIn(movie) ?? []);

/** Films read in one go: some milliseconds in which nothing else is answered. */
const AT_ONCE = 50;

const keptIn = async (
  movies: readonly unknown[],
  country: string,
  signal: AbortSignal,
): Promise<KeptFilms> => {
  const read: ReturnType<typeof keptFilmOf>[] = [];
  for (let at = 0; at < movies.length; at += AT_ONCE) {
    read.push(...movies.slice(at, at + AT_ONCE).map((movie) => keptFilmOf(movie, country)));
    await setImmediate();
    signal.throwIfAborted();
  }
  const fileIds = movies
    .filter(isRecord)
    .flatMap((movie) => [fileIdOf(movie, 'movieFileId'), fileIdOf(recordIn(movie, 'movieFile'))])
    .filter((id) => id !== undefined);
  return {
    films: read.flatMap((one) => ('film' in one ? [one.film] : [])),
    unreadable: read.flatMap((one) => ('film' in one ? [] : [one])),
    fileIds: new Set(fileIds),
  };
};
