import { derivedId } from '../streams.js';

/**
 * The id of a person who has a credit: by their id at TMDb, else by name. So two people of one name are told apart
 * where TMDb knows them, and people can be found again where nobody does.
 */
export const personIdOf = ({
  name,
  tmdbId,
}: {
  readonly name: string;
  readonly tmdbId?: number;
}): string => derivedId(tmdbId === undefined ? `name:person:${name}` : `tmdb:person:${tmdbId}`);
