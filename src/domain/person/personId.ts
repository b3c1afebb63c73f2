import { derivedId } from '../streams.js';

/**
 * The id of a person who has a credit: by their id at TMDb, else by name. So two people of one name are told apart
 * where TMDb knows them, and people can be found again where nobody does.
 */
export const personIdOf = (credit: Credited): string => {
  const known = ids.get(credit);
  if (known !== undefined) return known;
  const { name, tmdbId } = credit;
  const id = derivedId(tmdbId === undefined ? `name:person:${name}` : `tmdb:person:${tmdbId}`);
  ids.set(credit, id);
  return id;
};

interface Credited {
  readonly name: string;
  readonly tmdbId?: number;
}

/** Of the credits of a film that is being projected: several tables ask for each. */
const ids = new WeakMap<Credited, string>();
