import { parse, v5 as uuidv5 } from 'uuid';

/** The namespace of ids that Reellog derives from names (RFC 9562 §5.5); never to change. */
const NAMESPACE = parse('6f0d8f4e-5f0b-5d0e-9a3a-3f6f0a6f7d11');

/** A UUIDv5 of a name in Reellog's own namespace: the same name gives the same id, everywhere and always. */
export const derivedId = (name: string): string => uuidv5(name, NAMESPACE);

/** Whether an id was derived from a name: a UUID of version 5, where one drawn at random is of version 4. */
export const isDerived = (id: string): boolean => id.charAt(14) === '5';

/** Who knows films by ids of their own. */
export type Provider = 'tmdb' | 'imdb' | 'tvdb';

/** The id of a film that a provider knows, so that importing it twice meets the same stream. */
export const movieIdOf = (provider: Provider, id: number | string): string =>
  derivedId(`${provider}:movie:${id}`);

/** The id of a collection that TMDb knows. */
export const collectionIdOf = (tmdbId: number): string => derivedId(`tmdb:collection:${tmdbId}`);

/** What the names of all films' streams begin with. */
export const MOVIE_STREAMS = 'movie-';
export const movieStream = (movieId: string): string => `${MOVIE_STREAMS}${movieId}`;
/** What the names of all viewing streams begin with. */
export const VIEWING_STREAMS = 'viewing-';
export const viewingStream = (userId: string, titleId: string): string =>
  `${VIEWING_STREAMS}${userId}.${titleId}`;
/** What the names of all viewing streams of a person begin with. */
export const viewingStreamsOf = (userId: string): string => viewingStream(userId, '');
/** What the names of all accounts' streams begin with. */
export const ACCOUNT_STREAMS = 'account-';
export const accountStream = (userId: string): string => `${ACCOUNT_STREAMS}${userId}`;
/** What the names of all libraries' streams begin with. */
export const LIBRARY_STREAMS = 'library-';
export const libraryStream = (libraryId: string): string => `${LIBRARY_STREAMS}${libraryId}`;
/** What the names of all collections' streams begin with. */
export const COLLECTION_STREAMS = 'collection-';
export const collectionStream = (collectionId: string): string =>
  `${COLLECTION_STREAMS}${collectionId}`;
