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

/** The films with a title, or a word of one, that begins so. */
const filmsBeginning = async (
  typed: string,
  limit: number,
  readModels: ReadModels,
): Promise<readonly string[]> => {
  const [start, joined = start ?? ''] = typedStarts(typed);
  if (start === undefined) return [];
  const rows = await readModels.query<{ readonly id: string }>({
    name: 'filmsBeginning',
    // By the primary key, which has all that is wanted; what begins with a text lies between it and what is behind it.
    text: `select movie_id as id
           from (select start, movie_id, place, votes from {catalogue}.title_starts
                 where start >= $1 and start < $2
                 union all
                 select start, movie_id, place, votes from {catalogue}.title_starts
                 where $3 <> $1 and start >= $3 and start < $4) begun
           group by movie_id
           order by min(case when start in ($1, $3) and place = 0 then -1 else place end), max(votes) desc, movie_id
           limit $5`,
    values: [start, behind(start), joined, behind(joined), limit],
  });
  return rows.map(({ id }) => id);
};

/** Text that comes after all that begin with this, byte by byte in UTF-8. */
const behind = (start: string): string => `${start}\u{10ffff}`;
