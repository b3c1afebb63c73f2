import type { CollectionDetails } from '../../domain/collection/events.js';
import type { MovieDetails } from '../../domain/movie/events.js';
import type { FilmMatch, KnownFilm, WantedFilm } from '../../domain/movie/matching.js';

/** A film in a provider's answer to a search. */
export interface FoundFilm extends KnownFilm {
  /** At TMDb, whoever found it. */
  readonly tmdbId: number;
  readonly releaseDate?: string;
  readonly overview?: string;
  readonly originalLanguage?: string;
  readonly posterPath?: string;
}

/** Why a provider has no answer. */
export type ProviderFault =
  /** It cannot be reached, fails, or asks to be left alone: later there may be an answer. */
  | 'unavailable'
  /** It refuses the key that is configured. */
  | 'key-refused'
  /** It answers with what cannot be made sense of. */
  | 'malformed';

/** A provider has no answer, and why. */
export class ProviderFailure extends Error {
  override readonly name = 'ProviderFailure';

  constructor(
    readonly provider: string,
    readonly fault: ProviderFault,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** All that a provider knows of a film. */
export type FilmMetadata = MovieDetails & {
  /** The collection that it belongs to, as TMDb counts them: its `collectionId` does not tell that. */
  readonly collectionTmdbId?: number;
};

/**
 * Whoever knows films.
 * @throws {ProviderFailure} by all, and at the caller's signal {EventStoreError} `aborted` or `timeout`
 */
export interface MovieProvider {
  readonly name: string;
  /** Those that a text may mean, the likeliest first. */
  searchMovies(
    query: string,
    options: { readonly year?: number; readonly signal: AbortSignal },
  ): Promise<readonly FoundFilm[]>;
  /** All that it knows of a film; `undefined` where it does not know the id. */
  getMovieMetadata(tmdbId: number, signal: AbortSignal): Promise<FilmMetadata | undefined>;
  /** The film that is meant; `undefined` where that is not sure enough. */
  matchMovie(wanted: WantedFilm, signal: AbortSignal): Promise<FilmMatch<FoundFilm> | undefined>;
}

/** Whoever knows collections of films. @throws {ProviderFailure} and as `MovieProvider` */
export interface CollectionProvider {
  /** `undefined` where it does not know the id. */
  getCollection(tmdbId: number, signal: AbortSignal): Promise<CollectionDetails | undefined>;
}
