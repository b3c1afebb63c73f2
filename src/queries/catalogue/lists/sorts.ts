import { Type } from 'typebox';
import {
  InvalidParameter,
  isBigInteger,
  isDateText,
  isInteger,
  isNumber,
  isText,
} from '../../serving/cursor.js';

/**
 * What a list is sorted by: the indexed expression in either order, its type, and the order it usually has.
 * What is not known of a film comes last in both orders.
 */
const sorts = {
  title: { asc: 'sort_key', desc: 'sort_key', type: 'text', usual: 'asc' },
  year: {
    asc: 'coalesce(year, 32767)',
    desc: 'coalesce(year, 0)',
    type: 'integer',
    usual: 'desc',
  },
  releaseDate: {
    asc: "coalesce(release_date, '9999-12-31')",
    desc: "coalesce(release_date, '0001-01-01')",
    type: 'date',
    usual: 'desc',
  },
  rating: {
    asc: 'coalesce(community_rating, 11)',
    desc: 'coalesce(community_rating, -1)',
    type: 'float8',
    usual: 'desc',
  },
  runtime: {
    asc: 'coalesce(runtime_minutes, 32767)',
    desc: 'coalesce(runtime_minutes, 0)',
    type: 'integer',
    usual: 'asc',
  },
  added: { asc: 'added_at', desc: 'added_at', type: 'timestamptz', usual: 'desc' },
} as const;

/** What a cursor must carry for a list sorted by a value of this type. */
const cursorValues = {
  text: isText,
  integer: isInteger,
  bigint: isBigInteger,
  float8: isNumber,
  date: isDateText,
  timestamptz: isDateText,
} as const;

type Order = 'asc' | 'desc';

export const sortParameters = {
  sort: Type.Optional(
    Type.Enum([...Object.keys(sorts), 'random'] as readonly (keyof typeof sorts | 'random')[], {
      description:
        '`random` takes a `seed`. Top rated: `rating`, with `minVotes`. Recently added: `added`.',
    }),
  ),
  order: Type.Optional(Type.Enum(['asc', 'desc'])),
  seed: Type.Optional(
    Type.Integer({
      ...{ minimum: 0, maximum: 2_147_483_647 },
      description: 'Of a random order: the same seed gives the same order, page after page.',
    }),
  ),
};

interface Sorting {
  readonly sort?: keyof typeof sorts | 'random';
  readonly order?: Order;
  readonly seed?: number;
}

/** An order of films. */
export interface FilmOrder {
  /** An expression over a row of `{catalogue}.listed`; films that are equal in it are ordered by their ids. */
  readonly by: string;
  readonly type: keyof typeof cursorValues;
  readonly order: Order;
  /** Whether a cursor has a value of the type. */
  readonly isValue: (value: unknown) => value is string | number;
}

/**
 * The order that is asked for.
 * @param value takes a value, and gives the parameter that stands for it
 * @throws {InvalidParameter} a random order without its seed, or a seed without a random order
 */
export const orderOf = (
  { sort = 'title', order, seed }: Sorting,
  value: (given: unknown) => string,
): FilmOrder => {
  if (sort !== 'random') {
    if (seed !== undefined) throw new InvalidParameter('seed', 'is for "sort=random" alone');
    const { usual, type, ...by } = sorts[sort];
    const asked = order ?? usual;
    return { by: by[asked], type, order: asked, isValue: cursorValues[type] };
  }
  if (seed === undefined) {
    throw new InvalidParameter(
      'seed',
      'is required with "sort=random": any number, kept for all pages',
    );
  }
  const by = `uuid_hash_extended(movie_id, ${value(seed)}::bigint)`;
  return { by, type: 'bigint', order: order ?? 'asc', isValue: cursorValues.bigint };
};
