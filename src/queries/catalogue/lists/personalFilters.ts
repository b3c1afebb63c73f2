import { Type } from 'typebox';
import { MOVIE_STREAMS, viewingStreamsOf } from '../../../domain/streams.js';
import type { Asker, Audience } from '../../query.js';

const yesOrNo = (description: string) => Type.Optional(Type.Boolean({ description }));

/** Filters by what the person who asks has to do with a film. */
export const personalFilters = {
  watched: yesOrNo('Whether you have watched it.'),
  rated: yesOrNo('Whether you have rated it.'),
  inWatchlist: yesOrNo('Whether it is on your watchlist.'),
  favorite: yesOrNo('Whether it is among your favourites.'),
};

type Filter = keyof typeof personalFilters;
export type PersonalFilters = Readonly<Partial<Record<Filter, boolean>>>;

/** Where it is known: the read model, and its rows of a person's titles, by their primary keys. */
const SOURCES: Readonly<Record<Filter, { readonly readModel: string; readonly rows: string }>> = {
  watched: { readModel: 'history', rows: '{history}.plays mine where rewatch_number is not null' },
  rated: { readModel: 'ratings', rows: '{ratings}.ratings mine where rating is not null' },
  inWatchlist: { readModel: 'watchlist', rows: '{watchlist}.entries mine where in_watchlist' },
  favorite: { readModel: 'favorites', rows: '{favorites}.favorites mine where true' },
};

const isFilter = (name: string): name is Filter => Object.hasOwn(personalFilters, name);

const used = (filters: PersonalFilters): readonly Filter[] =>
  Object.keys(filters)
    .filter(isFilter)
    .filter((name) => filters[name] !== undefined);

/** The conditions that a row of `{catalogue}.listed` has to meet for one person. */
export const personalConditions = (
  filters: PersonalFilters,
  userId: string,
  value: (given: unknown) => string,
): readonly string[] =>
  used(filters).map((name) => {
    const rows = `select from ${SOURCES[name].rows} and mine.user_id = ${value(userId)} and mine.title_id = movie_id`;
    return `${filters[name] === true ? '' : 'not '}exists (${rows})`;
  });

/** A list is somebody's own only where it is filtered by what is theirs: all others share their answers. */
export const filmLists = {
  audience: (filters: PersonalFilters): Audience =>
    used(filters).length > 0 ? 'personal' : 'everyone',
  readModels: (filters: PersonalFilters): readonly string[] => [
    'catalogue',
    ...used(filters).map((name) => SOURCES[name].readModel),
  ],
  dependsOn: (filters: PersonalFilters, { userId }: Asker): readonly string[] => [
    'catalogue:list',
    ...used(filters).map((name) => `${SOURCES[name].readModel}:${userId}`),
  ],
};

/** What the rows of such a list are made of, for one as of a moment. */
export const sourcesOfLists = (filters: PersonalFilters, { userId }: Asker) => [
  { readModel: 'catalogue', streams: { prefixes: [MOVIE_STREAMS] } },
  ...used(filters).map((name) => ({
    readModel: SOURCES[name].readModel,
    streams: { prefixes: [viewingStreamsOf(userId)] },
  })),
];
