import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { Uuid } from '../../domain/schemas.js';
import { movieStream } from '../../domain/streams.js';
import type { ReadModels } from '../ports/readModels.js';
import { query } from '../query.js';

const strict = { additionalProperties: false } as const;
const person = {
  personId: Uuid,
  tmdbId: Type.Optional(Type.Integer({ minimum: 1 })),
  name: Type.String(),
};

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

/** The cast and crew of one film. */
export const movieCredits = query({
  name: 'movieCredits',
  parameters: Type.Object({ movieId: Uuid }, strict),
  answer: Type.Object({ movieId: Uuid, ...Credits.properties }, strict),
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: ({ movieId }) => [`movie:${movieId}`],
  sources: ({ movieId }) => [
    { readModel: 'catalogue', streams: { names: [movieStream(movieId)] } },
  ],
  read: async ({ movieId }, _, readModels) => {
    const [film] = await readModels.query({
      name: 'liveMovie',
      text: `select from {catalogue}.movies where movie_id = $1 and status = 'live'`,
      values: [movieId],
    });
    return film && { movieId, ...(await readCredits(movieId, readModels)) };
  },
});
