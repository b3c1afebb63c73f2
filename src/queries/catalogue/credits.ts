import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { wantedPeople } from '../../domain/person/wantedPeople.js';
import { LocalDate, Uuid } from '../../domain/schemas.js';
import { movieStream } from '../../domain/streams.js';
import type { Facts } from '../ports/facts.js';
import type { ReadModels } from '../ports/readModels.js';
import { query, type Asker } from '../query.js';
import { ageFields, withAge } from './ageAtRelease.js';

const strict = { additionalProperties: false } as const;
const person = {
  personId: Uuid,
  tmdbId: Type.Optional(Type.Integer({ minimum: 1 })),
  name: Type.String(),
  ...ageFields,
};

const film = { movieId: Uuid, releaseDate: Type.Optional(LocalDate) };

/** Who made a film. */
export const Credits = Type.Object(
  {
    cast: Type.Array(Type.Object({ ...person, character: Type.Optional(Type.String()) }, strict), {
      description: 'Billed first to last.',
    }),
    crew: Type.Array(
      Type.Object(
        { ...person, job: Type.String(), department: Type.Optional(Type.String()) },
        strict,
      ),
    ),
  },
  strict,
);
export type Credits = Static<typeof Credits>;

interface CreditRow {
  readonly part: 'cast' | 'crew';
  readonly person_id: string;
  readonly tmdb_id: number | null;
  readonly name: string;
  readonly character: string | null;
  readonly department: string | null;
  readonly job: string | null;
}

/** The credits of a film; none where it has none, or is not there. */
export const readCredits = async (movieId: string, readModels: ReadModels): Promise<Credits> => {
  const rows = await readModels.query<CreditRow>({
    name: 'credits',
    text: `select part, person_id, tmdb_id, name, character, department, job
           from {catalogue}.credits where movie_id = $1 order by nth`,
    values: [movieId],
  });
  const credits: Credits = { cast: [], crew: [] };
  for (const row of rows) {
    const who = {
      personId: row.person_id,
      ...(row.tmdb_id === null ? {} : { tmdbId: row.tmdb_id }),
      name: row.name,
    };
    if (row.part === 'cast') {
      credits.cast.push({
        ...who,
        ...(row.character === null ? {} : { character: row.character }),
      });
    } else {
      credits.crew.push({
        ...who,
        job: row.job ?? '',
        ...(row.department === null ? {} : { department: row.department }),
      });
    }
  }
  return credits;
};

/** Whether all ages are there that can be known; absent where nobody's are asked for. */
export const agesComplete = Type.Optional(
  Type.Boolean({ description: '`false`: some ages are being found out. Ask again in a minute.' }),
);

/** Credits with how old people were when the film came out, as far as that is known (SEMANTICS D10). */
export const withAges = async (
  credits: Credits,
  releaseDate: string | undefined,
  { now }: Asker,
  { people }: Facts,
): Promise<Credits & { agesComplete: boolean }> => {
  const found = await people.lookUp(wantedPeople(credits));
  const today = now.toISOString().slice(0, 10);
  const aged = <Credit extends { readonly tmdbId?: number }>(credit: Credit) => {
    const details = found.people.get(credit.tmdbId ?? 0)?.details;
    return details ? withAge(credit, details, releaseDate, today) : credit;
  };
  return {
    cast: credits.cast.map(aged),
    crew: credits.crew.map(aged),
    agesComplete: found.complete,
  };
};

/** The cast and crew of one film. */
export const movieCredits = query({
  name: 'movieCredits',
  parameters: Type.Object({ movieId: Uuid }, strict),
  answer: Type.Object({ ...film, ...Credits.properties, agesComplete }, strict),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: ({ movieId }) => [`movie:${movieId}`],
  sources: ({ movieId }) => [
    { readModel: 'catalogue', streams: { names: [movieStream(movieId)] } },
  ],
  read: async ({ movieId }, _, readModels) => {
    const [row] = await readModels.query<{ readonly release_date: string | null }>({
      name: 'releaseOfMovie',
      text: `select release_date from {catalogue}.movies where movie_id = $1 and status = 'live'`,
      values: [movieId],
    });
    if (!row) return undefined;
    const { release_date: releaseDate } = row;
    return {
      movieId,
      ...(releaseDate === null ? {} : { releaseDate }),
      ...(await readCredits(movieId, readModels)),
    };
  },
  withFacts: async (answer, asker, facts) => ({
    ...answer,
    ...(await withAges(answer, answer.releaseDate, asker, facts)),
  }),
});
