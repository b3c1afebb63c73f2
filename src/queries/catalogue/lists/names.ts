import { Type } from 'typebox';
import { mayRead } from '../../../domain/account/permissions.js';
import { Line } from '../../../domain/schemas.js';
import { nameKey } from '../../../domain/movie/search/nameKey.js';
import { derivedId } from '../../../domain/streams.js';
import { decodeCursor, isText, listKey, pageOf } from '../../serving/cursor.js';
import { nextCursor, paging } from '../../serving/listParameters.js';
import type { ReadModels } from '../../ports/readModels.js';
import { query } from '../../query.js';
import { filmsHref, hrefOfFilms } from './filmsHref.js';

const Parameters = Type.Object(
  {
    prefix: Type.Optional({
      ...Line(200),
      description:
        'What the name begins with, whatever the case, the diacritics and the punctuation.',
    }),
    ...paging(100, 500),
  },
  { additionalProperties: false },
);

const entries = Type.Array(
  Type.Object(
    { name: Type.String(), movies: Type.Integer({ minimum: 1 }), href: filmsHref },
    { additionalProperties: false },
  ),
);

interface NameRow {
  readonly key: string;
  readonly name: string;
  readonly movies: number;
}

/** A page of names in their order; spellings of one name are one, under that of most films. */
const namesOf = async (
  kind: 'studio' | 'keyword',
  given: { readonly prefix?: string; readonly limit: number; readonly cursor?: string },
  readModels: ReadModels,
) => {
  const prefix = nameKey(given.prefix ?? '');
  const list = listKey(kind, given.prefix === undefined ? undefined : prefix);
  const after = given.cursor === undefined ? '' : decodeCursor(given.cursor, list, isText).value;
  const rows =
    given.prefix !== undefined && prefix === ''
      ? []
      : await readModels.query<NameRow>({
          name: 'namesOfFilms',
          // By the primary key.
          text: `select key, (array_agg(name order by movies desc, name))[1] as name, sum(movies)::int as movies
                 from {catalogue}.name_counts
                 where kind = $1 and key > $2 and key >= $3 and starts_with(key, $3)
                   and ($4::text is null or key < $4)
                 group by key order by key limit $5`,
          values: [kind, after, prefix, behind(prefix), given.limit + 1],
        });
  const { page, nextCursor: next } = pageOf(rows, given.limit, list, ({ key }) => ({
    value: key,
    id: derivedId(key),
  }));
  const films = page.map(({ name, movies }) => ({ name, movies, href: hrefOfFilms(kind, name) }));
  return [films, next] as const;
};

/** Text that comes after all that begin with this, byte by byte in UTF-8. */
const behind = (prefix: string): string | null => (prefix === '' ? null : `${prefix}\u{10ffff}`);

const common = {
  parameters: Parameters,
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
} as const;

/** The studios of the films in the catalogue. */
export const studios = query({
  ...common,
  name: 'studios',
  answer: Type.Object({ studios: entries, nextCursor }, { additionalProperties: false }),
  read: async (given, _, readModels) => {
    const [found, next] = await namesOf('studio', given, readModels);
    return { studios: [...found], nextCursor: next };
  },
});

/** The keywords of the films in the catalogue. */
export const keywords = query({
  ...common,
  name: 'keywords',
  answer: Type.Object({ keywords: entries, nextCursor }, { additionalProperties: false }),
  read: async (given, _, readModels) => {
    const [found, next] = await namesOf('keyword', given, readModels);
    return { keywords: [...found], nextCursor: next };
  },
});
