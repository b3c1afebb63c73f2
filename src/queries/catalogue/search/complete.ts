import { Type } from 'typebox';
import { mayRead } from '../../../domain/account/permissions.js';
import { folded } from '../../../domain/movie/search/folded.js';
import { typedStarts } from '../../../domain/movie/search/starts.js';
import { Line } from '../../../domain/schemas.js';
import type { ReadModels } from '../../ports/readModels.js';
import { query } from '../../query.js';
import { peopleBeginning } from './foundPeople.js';
import { Result, shownFilms, shownPerson } from './results.js';
import { typesParameter, wantedTypes } from './types.js';

const MOST = 10;
/** Of people, where there are so many films: with one letter everybody would answer. */
const PEOPLE = { among: 3, fromLetters: 2 } as const;

/** What a text that is being typed may become: of the catalogue alone, and without regard to typos. */
export const complete = query({
  name: 'complete',
  parameters: Type.Object(
    {
      q: Type.Unsafe<string>({
        ...Line(500),
        description:
          'What has been typed: a title goes on so, or a word within it and what follows, whatever the case, the ' +
          'diacritics, the punctuation and the spaces.',
      }),
      types: typesParameter,
      limit: Type.Integer({ minimum: 1, maximum: MOST, default: MOST }),
    },
    { additionalProperties: false },
  ),
  answer: Type.Object(
    {
      results: Type.Array(Result, {
        description:
          'Whole titles, titles that begin so, then titles with a word that does, the most voted first; then people.',
      }),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  read: async ({ q, types, limit }, _, readModels) => {
    const wanted = wantedTypes(types);
    const isLong = folded(q).length >= PEOPLE.fromLetters;
    const [ids, people] = await Promise.all([
      wanted.has('movie') ? filmsBeginning(q, limit, readModels) : [],
      wanted.has('person') && isLong ? peopleBeginning(q, limit, readModels) : [],
    ]);
    const forPeople = Math.min(people.length, Math.max(PEOPLE.among, limit - ids.length), limit);
    const films = ids.slice(0, Math.max(limit - forPeople, ids.length > 0 ? 1 : 0));
    const shown = await shownFilms(films, readModels);
    return {
      results: [
        ...films.flatMap((id) => shown.get(id) ?? []),
        ...people.slice(0, limit - films.length).map(shownPerson),
      ],
    };
  },
});

/** So many letters are found by an index that has the order of the answer, too; what begins with more is little. */
const FEW_LETTERS = 3;
/** A film may begin with the same letters in several ways: as many for each that is shown. */
const WAYS = 5;

interface Begun {
  readonly id: string;
  /** -1 where it is the whole title. */
  readonly place: number;
  readonly votes: number;
}

/** The films with a title, or a word of one, that begins so: each once, in the order of the answer. */
const filmsBeginning = async (
  typed: string,
  limit: number,
  readModels: ReadModels,
): Promise<readonly string[]> => {
  const starts = typedStarts(typed);
  const lists = await Promise.all([
    wholeTitles(starts, limit * WAYS, readModels),
    ...starts.map((start) => titlesBeginning(start, limit * WAYS, readModels)),
  ]);
  const best = lists
    .flat()
    .toSorted(
      (one, other) =>
        one.place - other.place || other.votes - one.votes || (one.id < other.id ? -1 : 1),
    );
  return [...new Set(best.map(({ id }) => id))].slice(0, limit);
};

const wholeTitles = (starts: readonly string[], limit: number, readModels: ReadModels) =>
  readModels.query<Begun>({
    name: 'wholeTitles',
    text: `select movie_id as id, -1 as place, votes from {catalogue}.title_starts
           where start = any($1) and place = 0
           order by votes desc, movie_id limit $2`,
    values: [starts, limit],
  });

const titlesBeginning = (start: string, limit: number, readModels: ReadModels) => {
  const letters = Array.from(start).length;
  const [begins, values] =
    letters <= FEW_LETTERS
      ? [`left(start, ${letters}) = $2`, [start]]
      : // Between it and text that comes after all that begin so, byte by byte in UTF-8.
        ['start >= $2 and start < $3', [start, `${start}\u{10ffff}`]];
  return readModels.query<Begun>({
    name: `titlesBeginning${Math.min(letters, FEW_LETTERS + 1)}`,
    text: `select movie_id as id, place, votes from {catalogue}.title_starts
           where ${begins}
           order by place, votes desc, movie_id limit $1`,
    values: [limit, ...values],
  });
};
