/**
 * What a list calls a title: what the catalogue calls it now, or else what it was called when the entry was made,
 * for a film that the catalogue does not know (yet). A scalar subquery, so that it is looked up by the primary
 * key, and for the rows of the page alone.
 */
export const TITLE_NAME = `coalesce(
  (select json_strip_nulls(json_build_object('title', c.title, 'releaseYear', c.year))
   from {catalogue}.movies c where c.movie_id = title_id), name) as name`;

/** What changes when a film of the catalogue does: for the `dependsOn` of queries that name titles. */
export const TITLE_NAMES_CHANGE = 'catalogue:list';
