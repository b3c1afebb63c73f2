import { Type } from 'typebox';
import type { FilmFilters } from './filters.js';

/** A link from a list beside `/movies` to the films that it counts. */
export const filmsHref = Type.String({
  description: 'The films, as a reference relative to the address of this list.',
});

export const hrefOfFilms = (filter: keyof FilmFilters, name: string): string =>
  `movies?${filter}=${encodeURIComponent(name)}`;
