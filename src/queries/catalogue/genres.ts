import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { byName } from '../../domain/movie/sortKey.js';
import { filmsHref, hrefOfFilms } from './lists/filmsHref.js';
import { query } from '../query.js';

/** The genres of the films in the catalogue. */
export const genres = query({
  name: 'genres',
  parameters: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object(
    {
      genres: Type.Array(
        Type.Object(
          {
            name: Type.String(),
            movies: Type.Integer({ minimum: 1 }),
            href: filmsHref,
          },
          { additionalProperties: false },
        ),
      ),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  read: async (_, __, readModels) => ({
    genres: (
      await readModels.query<{ name: string; movies: number }>({
        name: 'genres',
        text: `select genre as name, count(*)::int as movies
               from (select unnest(genres) as genre from {catalogue}.listed) of_films
               group by genre order by genre collate "C"`,
      })
    )
      .toSorted(byName)
      .map((genre) => ({ ...genre, href: hrefOfFilms('genre', genre.name) })),
  }),
});
