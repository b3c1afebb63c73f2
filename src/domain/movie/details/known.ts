import { isSameValue } from '../../sameValue.js';
import { movieFacts, type MovieChanges, type MovieFacts, type MovieField } from '../events.js';
import { genreNames } from '../genres.js';
import { fingerprint, isListField, LIST_FIELDS, type ListField } from '../longLists.js';
import { billedActors } from '../snapshot.js';

/** What is known of a film, as far as decisions need it. */
export interface KnownDetails {
  readonly details: MovieFacts;
  /**
   * What stands for its long lists, which only have to be told apart here: thousands of films are kept in memory to
   * decide on, and the credits of one may take as much as all else that is known of a hundred.
   */
  readonly lists: Readonly<Partial<Record<ListField, string>>>;
  /** Of its cast, those that the numbers know. */
  readonly actors: readonly string[];
}

const factFields = Object.keys(movieFacts) as readonly (keyof MovieFacts)[];

/** The changes that change something. */
export const effective = (changes: MovieChanges, { details, lists }: KnownDetails): MovieChanges =>
  Object.fromEntries(
    Object.entries(changes).filter(([name, told]) => {
      const field = name as MovieField;
      const value = told ?? undefined;
      return isListField(field)
        ? (value && fingerprint(value)) !== lists[field]
        : !isSameValue(value, details[field]);
    }),
  );

/** Under the names that genres have, be they told or stored otherwise. */
export const withGenreNames = <Told extends { readonly genres?: readonly string[] | null }>(
  told: Told,
): Told => (told.genres ? { ...told, genres: genreNames(told.genres) } : told);

/** What is known of a film after changes, apart from its long lists: `null` clears. */
export const applied = (details: MovieFacts, changes: MovieChanges): MovieFacts => {
  const merged: Record<string, unknown> = { ...details, ...withGenreNames(changes) };
  return {
    title: changes.title ?? details.title,
    ...Object.fromEntries(
      factFields
        .filter(
          (field) => field !== 'title' && merged[field] !== undefined && merged[field] !== null,
        )
        .map((field) => [field, merged[field]]),
    ),
  };
};

/** What is known after changes, of a film or of one of which nothing is known yet. */
export const knownAfter = (
  { details, lists, actors }: KnownDetails,
  changes: MovieChanges,
): KnownDetails => {
  const after = LIST_FIELDS.flatMap((field) => {
    const list = changes[field];
    const mark = list === undefined ? lists[field] : list && fingerprint(list);
    return mark == null ? [] : [[field, mark] as const];
  });
  return {
    details: applied(details, changes),
    lists: Object.fromEntries(after),
    actors: changes.cast === undefined ? actors : billedActors(changes.cast ?? []),
  };
};
