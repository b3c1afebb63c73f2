import { Type, type Static } from 'typebox';
import { mayRead } from '../../../domain/account/permissions.js';
import { Line } from '../../../domain/schemas.js';
import { foundFilms } from '../foundFilms.js';
import { query } from '../../query.js';
import { foundPeople } from './foundPeople.js';
import { filmElsewhere, Result, shownFilms, shownPerson } from './results.js';
import { typesParameter, wantedTypes } from './types.js';

const Parameters = Type.Object(
  {
    q: Type.Unsafe<string>({
      ...Line(500),
      description:
        'What a title or a name is like, whatever the case, the diacritics, the punctuation and small typos; a year ' +
        'beside a title (`Psycho 1998`) is that of the film.',
    }),
    types: typesParameter,
    providers: Type.Boolean({
      default: true,
      description:
        'Whether TMDb is asked as well, where a key of it is configured: for films that are not here.',
    }),
    limit: Type.Integer({
      ...{ minimum: 1, maximum: 50, default: 20 },
      description: 'So many of what is here, and so many that are not, at most.',
    }),
  },
  { additionalProperties: false },
);

const Answer = Type.Object(
  {
    results: Type.Array(Result, { description: 'What is here comes first.' }),
    providers: Type.Union([Type.Literal('asked'), Type.Literal('away'), Type.Literal('none')], {
      description:
        'Whether TMDb had its say: `away` where it did not answer in time, `none` where it was not asked.',
    }),
  },
  { additionalProperties: false },
);

type Answer = Static<typeof Answer>;

/** All that answers to a text: the films and people of the catalogue, then films that are known elsewhere. */
export const search = query({
  name: 'search',
  parameters: Parameters,
  answer: Answer,
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  read: async ({ q, types, limit }, { userId }, readModels): Promise<Answer> => {
    const wanted = wantedTypes(types);
    const [films, people] = await Promise.all([
      wanted.has('movie') ? foundFilms({ q }, userId, readModels) : [],
      wanted.has('person') ? foundPeople(q, readModels) : [],
    ]);
    // The best of each, together; of what is as alike films come first.
    const best = [
      ...films.slice(0, limit).map(({ id, likeness }) => ({ likeness, id, person: undefined })),
      ...people.slice(0, limit).map((person) => ({ likeness: person.likeness, id: '', person })),
    ]
      .toSorted((one, other) => other.likeness - one.likeness)
      .slice(0, limit);
    const ids = best.flatMap(({ id, person }) => (person ? [] : [id]));
    const shown = await shownFilms(ids, readModels);
    return {
      results: best.flatMap(({ likeness, id, person }): Result[] => {
        const result = person ? shownPerson(person) : shown.get(id);
        return result ? [{ ...result, score: likeness }] : [];
      }),
      providers: 'none',
    };
  },
  withFacts: async (answer, _, { films: elsewhere }, { parameters, readModels }) => {
    const { q, types, providers: wanted, limit } = parameters;
    if (!wanted || !wantedTypes(types).has('movie')) return answer;
    const { providers, films } = await elsewhere.search(q);
    const here = await shownFilms(
      films.flatMap(({ movieId }) => movieId ?? []),
      readModels,
    );
    const seen = new Set(
      answer.results.flatMap((one) => (one.type === 'movie' ? [one.id, one.tmdbId] : [])),
    );
    const own: Result[] = [];
    const others: Result[] = [];
    for (const film of films) {
      const local = film.movieId === undefined ? undefined : here.get(film.movieId);
      if (seen.has(film.tmdbId) || (local && seen.has(local.id))) continue;
      if (local) own.push(local);
      else others.push(filmElsewhere(film));
    }
    return {
      // Those that a provider knows by other titles come after those that were found here.
      results: [...answer.results, ...own, ...others.slice(0, limit)],
      providers,
    };
  },
});
