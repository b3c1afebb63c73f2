import { Type, type Static } from 'typebox';
import { eventType, type EventOf } from '../eventType.js';
import { storedImage } from '../images/storedImage.js';
import { longLists, type ListField } from './longLists.js';
import { detachedFile, movieFile } from './files/movieFile.js';
import { CountryCode, LanguageCode, Line, LocalDate, Name, Text, Uuid, SAYS } from '../schemas.js';

const amount = Type.Integer({ minimum: 0, maximum: 1_000_000_000_000 });
const names = (maxItems: number) => Type.Array(Line(200), { maxItems, uniqueItems: true });

/** Where a film is known elsewhere; each is unique over the films that are not removed. */
export const externalIds = {
  tmdbId: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
  imdbId: Type.Optional(
    Type.String({ pattern: '^tt\\d{7,9}$', [SAYS]: 'must be an IMDb id such as tt0017136' }),
  ),
  tvdbId: Type.Optional(Type.Integer({ minimum: 1, maximum: 2_147_483_647 })),
};

/** What is told about a film apart from its long lists; every field but the title may be unknown. */
export const movieFacts = {
  title: Name(500),
  /** May be longer than the title: an elided article that moves behind takes a comma and a space with it. */
  sortTitle: Type.Optional(Name(502)),
  originalTitle: Type.Optional(Line(500)),
  /** What else the film is called: in other countries, or by other spellings. */
  alternativeTitles: Type.Optional(Type.Array(Name(500), { maxItems: 100, uniqueItems: true })),
  tagline: Type.Optional(Line(1000)),
  overview: Type.Optional(Text(10_000)),
  releaseDate: Type.Optional(LocalDate),
  /** Of first release; follows `releaseDate` where that is known. */
  year: Type.Optional(Type.Integer({ minimum: 1870, maximum: 2200 })),
  runtimeMinutes: Type.Optional(Type.Integer({ minimum: 1, maximum: 6000 })),
  contentRating: Type.Optional(Line(20)),
  /** The age that the content rating maps to. */
  ratingLevel: Type.Optional(Type.Integer({ minimum: 0, maximum: 21 })),
  budget: Type.Optional(amount),
  revenue: Type.Optional(amount),
  /** 0–10, as TMDb's `vote_average`. */
  communityRating: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
  voteCount: Type.Optional(Type.Integer({ minimum: 0, maximum: 2_147_483_647 })),
  /** 0–100. */
  criticRating: Type.Optional(Type.Number({ minimum: 0, maximum: 100 })),
  originalLanguage: Type.Optional(LanguageCode),
  status: Type.Optional(Line(50)),
  genres: Type.Optional(names(50)),
  countries: Type.Optional(Type.Array(CountryCode, { maxItems: 50, uniqueItems: true })),
  languages: Type.Optional(Type.Array(LanguageCode, { maxItems: 50, uniqueItems: true })),
  directors: Type.Optional(names(50)),
  writers: Type.Optional(names(100)),
  studios: Type.Optional(names(100)),
  keywords: Type.Optional(names(200)),
  posterPath: Type.Optional(Line(500)),
  backdropPath: Type.Optional(Line(500)),
  logoPath: Type.Optional(Line(500)),
  collectionId: Type.Optional(Uuid),
  collectionOrder: Type.Optional(Type.Integer({ minimum: 0, maximum: 10_000 })),
  ...externalIds,
};

/** What is told about a film. */
export const movieDetails = { ...movieFacts, ...longLists };

/** A field of a film that a person can edit, and by doing so lock against metadata refreshes. */
export const movieField = Type.Enum(Object.keys(movieDetails) as (keyof typeof movieDetails)[]);
export type MovieField = keyof typeof movieDetails;

export const MovieDetails = Type.Object(movieDetails, { additionalProperties: false });
export type MovieDetails = Static<typeof MovieDetails>;
/** What is known of a film apart from its long lists. */
export type MovieFacts = Omit<MovieDetails, ListField>;

/** What a change says of each field: its new value, or `null` to clear it; the title cannot be cleared. */
export type MovieChanges = {
  readonly [Field in MovieField]?: Field extends 'title'
    ? MovieDetails[Field]
    : MovieDetails[Field] | null;
};

const changesOf = (minProperties: number) =>
  Type.Unsafe<MovieChanges>(
    Type.Object(
      Object.fromEntries(
        Object.entries(movieDetails).map(([name, schema]) => [
          name,
          name === 'title'
            ? Type.Optional(schema)
            : Type.Optional(Type.Union([schema, Type.Null()])),
        ]),
      ),
      { additionalProperties: false, minProperties },
    ),
  );

/** Only the fields that change, and at least one. */
export const movieChanges = changesOf(1);

/**
 * Version 1 held genres as one string, `Action|Drama`, and the running time as `runtime`.
 */
const upcastImported = (data: Readonly<Record<string, unknown>>): Record<string, unknown> => {
  const { genres, runtime, ...rest } = data;
  const listed = typeof genres === 'string' ? genres.split('|').filter((name) => name !== '') : [];
  return {
    ...rest,
    ...(listed.length > 0 ? { genres: [...new Set(listed)] } : {}),
    ...(typeof runtime === 'number' ? { runtimeMinutes: runtime } : {}),
  };
};

const movieId = Uuid;
const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object({ movieId, ...properties }, { additionalProperties: false });

/** The pictures that a film has one each of. */
export const ImageKind = Type.Enum(['poster', 'backdrop', 'logo']);
export type ImageKind = Static<typeof ImageKind>;

/** The facts of a `movie-<id>` stream. */
export const movieEvents = {
  MovieImported: eventType(object({ ...movieDetails, libraryId: Type.Optional(Uuid) }), 2, {
    1: upcastImported,
  }),
  /** From a metadata provider; locked fields are already left out. */
  MovieMetadataRefreshed: eventType(object({ source: Line(50), changes: movieChanges })),
  /**
   * By a person; `locks` are the fields they named, which metadata leaves alone from now on. There are no changes
   * when the edit confirms what is there.
   */
  MovieDetailsEdited: eventType(
    object({ changes: changesOf(0), locks: Type.Array(movieField, { uniqueItems: true }) }),
  ),
  MovieFieldsUnlocked: eventType(
    object({ fields: Type.Array(movieField, { minItems: 1, uniqueItems: true }) }),
  ),
  /** `source` is the provider's path, as the film's details had it, or `upload` for a person's own. */
  MovieImageStored: eventType(object({ kind: ImageKind, source: Line(500), ...storedImage })),
  /** By a person, who wants none. */
  MovieImageRemoved: eventType(object({ kind: ImageKind })),
  /** Soft: plays, ratings and list entries survive (SEMANTICS D15.6). */
  MovieRemoved: eventType(object({})),
  MovieRestored: eventType(object({})),
  /** The film can be had as this file, which takes the place of one that it had. */
  MovieFileAttached: eventType(object(movieFile)),
  /** Its file is not there any more; the film stays, and what people recorded of it. */
  MovieFileDetached: eventType(object(detachedFile)),
} as const;

export type MovieEvent = EventOf<typeof movieEvents>;
