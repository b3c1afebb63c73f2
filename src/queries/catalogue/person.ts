import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { MOVIE_STREAMS } from '../../domain/streams.js';
import { ageNow } from '../../domain/person/ages.js';
import { personDetails } from '../../domain/person/details.js';
import { Instant, LocalDate, Uuid } from '../../domain/schemas.js';
import { query } from '../query.js';
import { ageFields, withAge } from './ageAtRelease.js';

const strict = { additionalProperties: false } as const;
const text = Type.Optional(Type.String());
const age = Type.Optional(Type.Union([Type.Integer({ minimum: 0 }), Type.Null()]));

const film = {
  movieId: Uuid,
  title: Type.String(),
  year: Type.Optional(Type.Integer()),
  releaseDate: Type.Optional(LocalDate),
  ...ageFields,
};

const Person = Type.Object(
  {
    id: Uuid,
    ...personDetails,
    tmdbId: Type.Optional(personDetails.tmdbId),
    currentAge: age,
    ageAtDeath: age,
    refreshedAt: Type.Optional(Instant),
    cast: Type.Array(Type.Object({ ...film, character: text }, strict), {
      description: 'The films that they play in, the newest first.',
    }),
    crew: Type.Array(Type.Object({ ...film, job: Type.String(), department: text }, strict)),
  },
  strict,
);

/** One person with their films in the catalogue. */
export const person = query({
  name: 'person',
  parameters: Type.Object({ personId: Uuid }, strict),
  answer: Person,
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: () => ['catalogue:list'],
  // Ages of today.
  variesBy: ({ now }) => now.toISOString().slice(0, 10),
  sources: () => [{ readModel: 'catalogue', streams: { prefixes: [MOVIE_STREAMS] } }],
  read: async ({ personId }, _, readModels) => {
    const rows = await readModels.query<{
      readonly part: 'cast' | 'crew';
      readonly tmdb_id: number | null;
      readonly name: string;
      readonly character: string | null;
      readonly department: string | null;
      readonly job: string | null;
      readonly movie_id: string;
      readonly title: string;
      readonly year: number | null;
      readonly release_date: string | null;
    }>({
      name: 'person',
      text: `select c.part, c.tmdb_id, c.name, c.character, c.department, c.job,
                    m.movie_id, m.title, m.year, m.release_date
             from {catalogue}.credits c join {catalogue}.movies m using (movie_id)
             where c.person_id = $1 and m.status = 'live'
             order by m.release_date desc nulls last, m.year desc nulls last, m.movie_id, c.nth`,
      values: [personId],
    });
    const [first] = rows;
    if (!first) return undefined;
    const filmOf = (row: typeof first) => ({
      movieId: row.movie_id,
      title: row.title,
      ...(row.year === null ? {} : { year: row.year }),
      ...(row.release_date === null ? {} : { releaseDate: row.release_date }),
    });
    return {
      id: personId,
      ...(first.tmdb_id === null ? {} : { tmdbId: first.tmdb_id }),
      name: first.name,
      cast: rows
        .filter(({ part }) => part === 'cast')
        .map((row) => ({
          ...filmOf(row),
          ...(row.character === null ? {} : { character: row.character }),
        })),
      crew: rows
        .filter(({ part }) => part === 'crew')
        .map((row) => ({
          ...filmOf(row),
          job: row.job ?? '',
          ...(row.department === null ? {} : { department: row.department }),
        })),
    };
  },
  withFacts: async (answer, { now }, { people }) => {
    if (answer.tmdbId === undefined) return answer;
    const { tmdbId } = answer;
    const found = (await people.lookUp([tmdbId])).people.get(tmdbId);
    if (!found?.details) return answer;
    const { details } = found;
    const today = now.toISOString().slice(0, 10);
    const aged = <Film extends { readonly releaseDate?: string }>(one: Film) =>
      withAge(one, details, one.releaseDate, today);
    return {
      ...answer,
      ...details,
      ...ageNow(details, today),
      refreshedAt: found.fetchedAt.toISOString(),
      cast: answer.cast.map(aged),
      crew: answer.crew.map(aged),
    };
  },
});
