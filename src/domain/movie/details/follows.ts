import type { MovieChanges, MovieDetails, MovieFacts, MovieField } from '../events.js';
import { followsTitle, sortTitleOf, tidy } from '../titles.js';
import { applied, withGenreNames } from './known.js';

/** Details, and which of them a person edited. */
interface EditedDetails {
  readonly details: MovieFacts;
  readonly locked: readonly MovieField[];
}

/** What follows from other fields where nobody said otherwise. */
export const derived = (details: MovieDetails): Pick<MovieDetails, 'sortTitle' | 'year'> => {
  const year = details.year ?? yearOfRelease(details.releaseDate);
  return {
    sortTitle: details.sortTitle ?? sortTitleOf(details),
    ...(year === undefined ? {} : { year }),
  };
};

const yearOfRelease = (releaseDate: string | null | undefined): number | undefined => {
  const year = Number(releaseDate?.slice(0, 4));
  return year >= 1870 && year <= 2200 ? year : undefined;
};

/** The fields that follow from others where nobody says otherwise. */
const FOLLOWS: Readonly<Partial<Record<MovieField, MovieField>>> = {
  sortTitle: 'title',
  year: 'releaseDate',
};

/** What follows from a locked field is as locked as that: a refresh would undo half of the edit. */
export const isLocked = (field: MovieField, { locked }: EditedDetails): boolean => {
  const from = FOLLOWS[field];
  return locked.includes(field) || (from !== undefined && locked.includes(from));
};

/** Changes with what follows from them: a new title's sort title, a new release date's year. */
export const completed = (changes: MovieChanges, movie: EditedDetails): MovieChanges => {
  const told = withGenreNames<MovieChanges>(
    changes.title === undefined ? changes : { ...changes, title: tidy(changes.title) },
  );
  const after = applied(movie.details, told);
  const year = yearOfRelease(after.releaseDate);
  return {
    ...told,
    ...(sortTitleFollows(told, movie) ? { sortTitle: sortTitleOf(after) } : {}),
    ...(year !== undefined && yearFollows(told, movie) ? { year } : {}),
  };
};

/**
 * A cleared sort title follows again; one that somebody chose does until there is another title; and one with its
 * article moved behind until more is known of the language that the title is in.
 */
const sortTitleFollows = (told: MovieChanges, { details, locked }: EditedDetails): boolean => {
  if (told.sortTitle !== undefined || locked.includes('sortTitle')) return told.sortTitle === null;
  const changed = (field: 'title' | 'originalTitle' | 'originalLanguage'): boolean =>
    told[field] !== undefined && (told[field] ?? undefined) !== details[field];
  if (details.sortTitle === undefined || details.sortTitle === details.title) return true;
  return (
    changed('title') ||
    (followsTitle(details.sortTitle, details.title) &&
      (changed('originalTitle') || changed('originalLanguage')))
  );
};

/** A cleared year follows again; one that somebody chose does until there is another release date. */
const yearFollows = ({ year, releaseDate }: MovieChanges, movie: EditedDetails): boolean => {
  if (year !== undefined || movie.locked.includes('year')) return year === null;
  return releaseDate != null && releaseDate !== movie.details.releaseDate;
};
