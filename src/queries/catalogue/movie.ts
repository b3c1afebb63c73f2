import { Type, type Static } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import { storedImage, type StoredImage } from '../../domain/images/storedImage.js';
import type { Artwork } from '../../domain/images/artwork.js';
import { movieFacts, type MovieFacts } from '../../domain/movie/events.js';
import { longLists, type MovieLists } from '../../domain/movie/longLists.js';
import type { MovieFile } from '../../domain/movie/files/movieFile.js';
import { Instant, SAYS, Uuid } from '../../domain/schemas.js';
import { collectionStream, movieStream } from '../../domain/streams.js';
import { query } from '../query.js';
import { agesComplete, Credits, readCredits, withAges } from './credits.js';
import { seesPaths } from './paths.js';

const FileAnswer = Type.Object(
  {
    container: Type.Optional(Type.String({ description: 'What its name ends with: `mkv`.' })),
    sizeBytes: Type.Optional(Type.Integer({ minimum: 0 })),
    path: Type.Optional(
      Type.String({ description: 'Told of one film, to owners and admins alone.' }),
    ),
  },
  { additionalProperties: false, description: 'The file that the film can be had as.' },
);
type FileAnswer = Static<typeof FileAnswer>;

const toFile = (
  { container, sizeBytes, path }: MovieFile,
  { withPath }: { readonly withPath: boolean },
): FileAnswer => ({
  ...(container === undefined ? {} : { container }),
  ...(sizeBytes === undefined ? {} : { sizeBytes }),
  ...(withPath ? { path } : {}),
});

const { hash: _, ...shape } = storedImage;

/** A picture that is stored. */
export const Picture = Type.Optional(
  Type.Object(
    {
      url: Type.String({
        description: 'Below the address of the service; with `?width=` as small as it is needed.',
      }),
      ...shape,
    },
    { additionalProperties: false },
  ),
);

/** A film in lists: what is not known is absent. */
export const MovieSummary = {
  id: Uuid,
  ...movieFacts,
  /** In ticks of 100 ns, as media servers count. */
  runtimeTicks: Type.Optional(Type.Integer({ minimum: 0 })),
  posterBlurhash: Type.Optional(Type.String()),
  backdropBlurhash: Type.Optional(Type.String()),
  artwork: Type.Object(
    { poster: Picture, backdrop: Picture, logo: Picture },
    { additionalProperties: false },
  ),
  libraryId: Type.Optional(Uuid),
  file: Type.Optional(FileAnswer),
  lockedFields: Type.Array(Type.String()),
  revision: Type.Integer({ minimum: 0, description: 'For `If-Match`.' }),
  createdAt: Instant,
  updatedAt: Instant,
};
export const SummaryAnswer = Type.Object(MovieSummary, { additionalProperties: false });
export type SummaryAnswer = Static<typeof SummaryAnswer>;

/** A film by itself, with those of its long lists that were asked for. */
const MovieAnswer = Type.Object(
  {
    ...MovieSummary,
    collection: Type.Optional(
      Type.Object(
        { id: Uuid, name: Type.String() },
        { additionalProperties: false, description: 'Once it was looked up.' },
      ),
    ),
    cast: Type.Optional(Credits.properties.cast),
    crew: Type.Optional(Credits.properties.crew),
    agesComplete,
    videos: longLists.videos,
    images: longLists.images,
    releases: longLists.releases,
    refreshedAt: Type.Optional(
      Type.Unsafe<Instant>({ ...Instant, description: 'When a provider last knew the film.' }),
    ),
  },
  { additionalProperties: false },
);

export interface MovieRow {
  readonly movie_id: string;
  readonly library_id: string | null;
  readonly details: MovieFacts;
  readonly locked: readonly string[];
  readonly file: MovieFile | null;
  readonly artwork: Artwork;
  readonly revision: number;
  readonly added_at: Date;
  readonly updated_at: Date;
}

export const MOVIE_COLUMNS =
  'movie_id, library_id, details, locked, file, artwork, revision, added_at, updated_at';

/** 100 ns each. */
const TICKS_PER_MINUTE = 600_000_000;

export const toMovie = (row: MovieRow, withPath = false): SummaryAnswer => ({
  id: row.movie_id,
  ...row.details,
  ...(row.details.runtimeMinutes === undefined
    ? {}
    : { runtimeTicks: row.details.runtimeMinutes * TICKS_PER_MINUTE }),
  ...blurhashOf('posterBlurhash', row.artwork.poster),
  ...blurhashOf('backdropBlurhash', row.artwork.backdrop),
  artwork: Object.fromEntries(
    Object.entries(row.artwork).map(([kind, image]) => [kind, pictureOf(image)]),
  ),
  ...(row.library_id === null ? {} : { libraryId: row.library_id }),
  ...(row.file === null ? {} : { file: toFile(row.file, { withPath }) }),
  lockedFields: [...row.locked],
  revision: row.revision,
  createdAt: row.added_at.toISOString(),
  updatedAt: row.updated_at.toISOString(),
});

export const pictureOf = ({ hash, width, height, blurhash }: StoredImage) => ({
  url: `/api/v1/images/${hash}`,
  width,
  height,
  blurhash,
});

const blurhashOf = (
  field: 'posterBlurhash' | 'backdropBlurhash',
  image: StoredImage | undefined,
): Pick<SummaryAnswer, 'posterBlurhash' | 'backdropBlurhash'> =>
  image?.blurhash == null ? {} : { [field]: image.blurhash };

/** What is told of a film where it is asked for. */
const LISTS = ['videos', 'images', 'releases'] as const;
const PARTS = ['credits', ...LISTS];
const part = `(?:${PARTS.join('|')})`;

/** One film of the catalogue. */
export const movie = query({
  name: 'movie',
  parameters: Type.Object(
    {
      movieId: Uuid,
      include: Type.Optional(
        Type.String({
          ...{ pattern: `^${part}(?:,${part})*$`, maxLength: 200 },
          [SAYS]: `must be some of ${PARTS.join(', ')}, with commas between`,
          description: `What is told beside: ${PARTS.join(', ')}, with commas between.`,
        }),
      ),
    },
    { additionalProperties: false },
  ),
  answer: MovieAnswer,
  requires: mayRead,
  audience: 'everyone',
  readModels: ['catalogue', 'collections'],
  dependsOn: ({ movieId }) => [`movie:${movieId}`, 'collections:list'],
  variesBy: (asker) => (seesPaths(asker) ? 'paths' : ''),
  sources: ({ movieId }) => [
    { readModel: 'catalogue', streams: { names: [movieStream(movieId)] } },
    {
      readModel: 'collections',
      streams: ({ collectionId: id }) => ({
        names: id === undefined ? [] : [collectionStream(id)],
      }),
    },
  ],
  read: async ({ movieId, include = '' }, asker, readModels) => {
    const wanted = new Set(include.split(','));
    const lists = LISTS.filter((list) => wanted.has(list));
    const [row] = await readModels.query<
      MovieRow & {
        readonly lists: MovieLists | null;
        readonly refreshed_at: Date | null;
        readonly collection: string | null;
      }
    >({
      name: 'movie',
      // Of the past that is known where the film was not looked up since; clocks may differ a little.
      text: `select ${MOVIE_COLUMNS}, case when $2 then lists end as lists, (
               select f.refreshed_at from film_refreshes f where f.movie_id = movies.movie_id
                 and f.refreshed_at < $3::timestamptz + interval '1 minute') as refreshed_at, (
               select c.name from {collections}.collections c
               where c.collection_id = (details ->> 'collectionId')::uuid) as collection
             from {catalogue}.movies where movie_id = $1 and status = 'live'`,
      values: [movieId, lists.length > 0, asker.now],
    });
    if (!row) return undefined;
    const { refreshed_at: refreshedAt, collection: name } = row;
    const { collectionId: id } = row.details;
    return {
      ...toMovie(row, seesPaths(asker)),
      ...(id === undefined || name === null ? {} : { collection: { id, name } }),
      ...(wanted.has('credits') ? await readCredits(movieId, readModels) : {}),
      ...Object.fromEntries(lists.map((list) => [list, row.lists?.[list] ?? []])),
      ...(refreshedAt ? { refreshedAt: refreshedAt.toISOString() } : {}),
    };
  },
  withFacts: async ({ cast, crew, ...answer }, asker, facts) =>
    cast && crew
      ? { ...answer, ...(await withAges({ cast, crew }, answer.releaseDate, asker, facts)) }
      : answer,
});
