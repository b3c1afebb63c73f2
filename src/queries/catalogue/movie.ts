import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { movieDetails, type MovieDetails } from '../../domain/movie/events.js';
import { Instant, Uuid } from '../../domain/schemas.js';
import { movieStream } from '../../domain/streams.js';
import { query } from '../query.js';

/** A film as clients see it: what is not known is absent. */
export const MovieAnswer = Type.Object(
  {
    id: Uuid,
    ...movieDetails,
    /** In ticks of 100 ns, as media servers count. */
    runtimeTicks: Type.Optional(Type.Integer({ minimum: 0 })),
    libraryId: Type.Optional(Uuid),
    lockedFields: Type.Array(Type.String()),
    revision: Type.Integer({ minimum: 0, description: 'For `If-Match`.' }),
    createdAt: Instant,
    updatedAt: Instant,
  },
  { additionalProperties: false },
);
export type MovieAnswer = Static<typeof MovieAnswer>;

export interface MovieRow {
  readonly movie_id: string;
  readonly library_id: string | null;
  readonly details: MovieDetails;
  readonly locked: readonly string[];
  readonly revision: number;
  readonly added_at: Date;
  readonly updated_at: Date;
}

export const MOVIE_COLUMNS =
  'movie_id, library_id, details, locked, revision, added_at, updated_at';

/** 100 ns each. */
const TICKS_PER_MINUTE = 600_000_000;

export const toMovie = (row: MovieRow): MovieAnswer => ({
  id: row.movie_id,
  ...row.details,
  ...(row.details.runtimeMinutes === undefined
    ? {}
    : { runtimeTicks: row.details.runtimeMinutes * TICKS_PER_MINUTE }),
  ...(row.library_id === null ? {} : { libraryId: row.library_id }),
  lockedFields: [...row.locked],
  revision: row.revision,
  createdAt: row.added_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

/** One film of the catalogue. */
export const movie = query({
  name: 'movie',
  parameters: Type.Object({ movieId: Uuid }, { additionalProperties: false }),
  answer: MovieAnswer,
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue'],
  dependsOn: ({ movieId }) => [`movie:${movieId}`],
  sources: ({ movieId }) => [
    { readModel: 'catalogue', streams: { names: [movieStream(movieId)] } },
  ],
  read: async ({ movieId }, _, readModels) => {
    const [row] = await readModels.query<MovieRow>({
      name: 'movie',
      text: `select ${MOVIE_COLUMNS} from {catalogue}.movies where movie_id = $1 and status = 'live'`,
      values: [movieId],
    });
    return row && toMovie(row);
  },
});
