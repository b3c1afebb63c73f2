import { Type, type Static } from 'typebox';
import type { Artwork } from '../../../domain/images/artwork.js';
import { movieFacts, type MovieFacts } from '../../../domain/movie/events.js';
import { Uuid } from '../../../domain/schemas.js';
import type { FilmElsewhere } from '../../ports/facts.js';
import type { ReadModels } from '../../ports/readModels.js';
import { Picture, pictureOf } from '../movie.js';
import type { FoundPerson } from './foundPeople.js';

const strict = { additionalProperties: false } as const;

const score = Type.Optional(
  Type.Number({ description: 'How well it answers to the text; of what is here alone.' }),
);

export const MovieResult = Type.Object(
  {
    type: Type.Literal('movie'),
    id: Type.Optional(
      Type.Unsafe<string>({ ...Uuid, description: 'Absent where the film is not here.' }),
    ),
    tmdbId: movieFacts.tmdbId,
    title: movieFacts.title,
    originalTitle: movieFacts.originalTitle,
    year: movieFacts.year,
    posterPath: Type.Optional(Type.String({ description: 'At TMDb, where a poster is known of.' })),
    poster: Picture,
    score,
  },
  strict,
);
export type MovieResult = Static<typeof MovieResult>;

export const PersonResult = Type.Object(
  {
    type: Type.Literal('person'),
    id: Uuid,
    name: Type.String(),
    movies: Type.Integer({ minimum: 1, description: 'In how many films here, under this name.' }),
    score,
  },
  strict,
);
export type PersonResult = Static<typeof PersonResult>;

/** Whatever is found; collections will be another one. */
export const Result = Type.Union([MovieResult, PersonResult]);
export type Result = Static<typeof Result>;

interface ShownRow {
  readonly id: string;
  readonly details: Pick<MovieFacts, 'title' | 'originalTitle' | 'year' | 'tmdbId' | 'posterPath'>;
  readonly artwork: Artwork;
}

/** Films of the catalogue as results, by id; those that were removed are absent. */
export const shownFilms = async (
  ids: readonly string[],
  readModels: ReadModels,
): Promise<ReadonlyMap<string, MovieResult>> => {
  if (ids.length === 0) return new Map();
  const rows = await readModels.query<ShownRow>({
    name: 'shownFilms',
    text: `select movie_id as id, details, artwork from {catalogue}.movies
           where movie_id = any($1::uuid[]) and status = 'live'`,
    values: [ids],
  });
  return new Map(rows.map((row) => [row.id, shownFilm(row)]));
};

const shownFilm = ({ id, details, artwork }: ShownRow): MovieResult => ({
  ...{ type: 'movie', id },
  ...about(details),
  ...(artwork.poster === undefined ? {} : { poster: pictureOf(artwork.poster) }),
});

/** A film that is not here. */
export const filmElsewhere = (film: FilmElsewhere): MovieResult => ({
  type: 'movie',
  ...about(film),
});

const about = ({
  title,
  originalTitle,
  year,
  tmdbId,
  posterPath,
}: {
  readonly title: string;
  readonly originalTitle?: string;
  readonly year?: number;
  readonly tmdbId?: number;
  readonly posterPath?: string;
}) => ({
  ...(tmdbId === undefined ? {} : { tmdbId }),
  title,
  ...(originalTitle === undefined ? {} : { originalTitle }),
  ...(year === undefined ? {} : { year }),
  ...(posterPath === undefined ? {} : { posterPath }),
});

export const shownPerson = ({ id, name, movies }: Omit<FoundPerson, 'likeness'>): PersonResult => ({
  ...{ type: 'person', id, name, movies },
});
