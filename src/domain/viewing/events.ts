import { Type, type Static } from 'typebox';
import { eventType, type EventOf } from '../eventType.js';
import { externalIds } from '../movie/events.js';
import {
  CountryCode,
  Instant,
  LanguageCode,
  StoredLine as Line,
  LocalDate,
  PersonalText,
  Rating,
  Uuid,
  Zone,
} from '../schemas.js';

/** A person and a title: what every event of a `viewing-<userId>.<titleId>` stream is about. */
const whose = { userId: Uuid, titleId: Uuid, kind: Type.Literal('movie') };
const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object({ ...whose, ...properties }, { additionalProperties: false });

/**
 * What the numbers need to know of the title, as it was when the play was recorded: a replay years later
 * gives the same answer although the catalogue has changed since (SEMANTICS D1.6).
 */
export const TitleSnapshot = Type.Object(
  {
    title: Line(500),
    /** Of the title, or the fallback of 90 minutes for a film; then `runtimeEstimated` is true. */
    runtimeMinutes: Type.Integer({ minimum: 1, maximum: 6000 }),
    runtimeEstimated: Type.Boolean(),
    genres: Type.Array(Line(200), { maxItems: 50 }),
    releaseYear: Type.Optional(Type.Integer({ minimum: 1870, maximum: 2200 })),
    releaseDate: Type.Optional(LocalDate),
    /** 0–10: the title's community rating. */
    voteAverage: Type.Optional(Type.Number({ minimum: 0, maximum: 10 })),
    countries: Type.Array(CountryCode, { maxItems: 50 }),
    originalLanguage: Type.Optional(LanguageCode),
    directors: Type.Array(Line(200), { maxItems: 50 }),
    studios: Type.Array(Line(200), { maxItems: 100 }),
    actors: Type.Array(Line(200), { maxItems: 10 }),
  },
  { additionalProperties: false },
);
export type TitleSnapshot = Static<typeof TitleSnapshot>;

/** The title's name and year for lists, as known when the event was recorded. */
export const TitleName = Type.Object(
  { title: Line(500), releaseYear: Type.Optional(Type.Integer({ minimum: 1870, maximum: 2200 })) },
  { additionalProperties: false },
);
export type TitleName = Static<typeof TitleName>;

/**
 * When a play took place. With `instant` precision the moment is known, and `localDate` is the
 * person's day then in `zone`, which may end later than midnight; with `date` only the day is (never midnight UTC); with `unknown` neither. `released` says that
 * a date was taken from the release date: it is in the history but not in streaks (SEMANTICS D4).
 */
export const WatchedWhen = Type.Union([
  Type.Object(
    {
      precision: Type.Literal('instant'),
      instant: Instant,
      zone: Zone,
      localDate: LocalDate,
    },
    { additionalProperties: false },
  ),
  Type.Object(
    {
      precision: Type.Literal('date'),
      zone: Zone,
      localDate: LocalDate,
      released: Type.Optional(Type.Literal(true)),
    },
    { additionalProperties: false },
  ),
  Type.Object({ precision: Type.Literal('unknown'), zone: Zone }, { additionalProperties: false }),
]);
export type WatchedWhen = Static<typeof WatchedWhen>;

export const PlaySource = Type.Enum(['manual', 'playback', 'import', 'webhook']);
export type PlaySource = Static<typeof PlaySource>;

const playId = Uuid;
/** When the person rated, reviewed or listed the title, where they said so; else that is when it was recorded. */
const at = Type.Optional(Instant);

/** The facts of a `viewing-<userId>.<titleId>` stream. */
export const viewingEvents = {
  MovieWatched: eventType(
    object({
      playId,
      batchId: Type.Optional(Uuid),
      watched: WatchedWhen,
      source: PlaySource,
      /** The play's id where it came from: with the source the key that makes imports repeatable. */
      externalId: Type.Optional(Line(200)),
      device: Type.Optional(Line(200)),
      client: Type.Optional(Line(200)),
      playMethod: Type.Optional(Line(50)),
      note: Type.Optional(PersonalText(1000)),
      snapshot: TitleSnapshot,
      /** The catalogue did not know the title yet: the snapshot is a placeholder (SEMANTICS D1.10). */
      metadataPending: Type.Optional(Type.Literal(true)),
      /** The title was dropped or on hold when it was recorded, and is not while this play is there (D8). */
      resumes: Type.Optional(Type.Literal(true)),
      /** What such a title was called by: the only way to find out what it is. */
      externalIds: Type.Optional(Type.Object(externalIds, { additionalProperties: false })),
      /** When the play was recorded first, under another id of the title. */
      firstRecordedAt: Type.Optional(Instant),
    }),
  ),
  /**
   * Carries the whole new value of what changed; the play keeps its id. `duplicateOf: null` is found in older
   * logs: it ends the link to another play as `WatchUnlinked` does.
   */
  WatchAmended: eventType(
    object({
      playId,
      watched: Type.Optional(WatchedWhen),
      note: Type.Optional(PersonalText(1000)),
      duplicateOf: Type.Optional(Type.Null()),
    }),
  ),
  /** Can be taken back for 30 days from `removedAt` (SEMANTICS D3.1). */
  WatchRemoved: eventType(object({ playId, removedAt: Instant })),
  WatchRestored: eventType(object({ playId })),
  /**
   * The catalogue knows more of the title than it did when plays of it were recorded, or names of it. Each takes
   * from the snapshot what it lacked, and keeps what it had: minutes that were estimated, genres and other lists
   * that were empty, the name of a title that was `?`, fields that were absent (SEMANTICS D6).
   */
  TitleFactsLearnt: eventType(object({ snapshot: TitleSnapshot })),
  /**
   * The title's id and another one turn out to be one title: its plays and everything else that the person has
   * to do with it are under the other from now on, and nothing is left here. `ViewingAdopted` with the same `moveId`
   * follows there.
   */
  ViewingMoved: eventType(object({ movedTo: Uuid, moveId: Uuid })),
  /** What was moved from another id of the title: the events after this one in the same append. */
  ViewingAdopted: eventType(object({ movedFrom: Uuid, moveId: Uuid })),
  /** This play reports the viewing that another one stands for: it does not count (SEMANTICS D1.9). */
  WatchLinkedAsDuplicate: eventType(object({ playId, duplicateOf: Uuid })),
  /**
   * This play counts as a viewing of its own again. `parted`: the person says so, and it is never linked again.
   */
  WatchUnlinked: eventType(object({ playId, parted: Type.Optional(Type.Literal(true)) })),
  /** `source` is where a rating that came with a watch was reported. */
  TitleRated: eventType(
    object({ rating: Rating, name: TitleName, source: Type.Optional(PlaySource), at }),
  ),
  RatingRemoved: eventType(object({})),
  ReviewWritten: eventType(
    object({ review: PersonalText(10_000), spoiler: Type.Boolean(), name: TitleName, at }),
  ),
  ReviewRemoved: eventType(object({})),
  FavoriteAdded: eventType(object({ name: TitleName, at })),
  FavoriteRemoved: eventType(object({})),
  WatchlistAdded: eventType(object({ name: TitleName, at })),
  /** With `playId`: that play took it off, as the person prefers. The wish is back once it is undone. */
  WatchlistRemoved: eventType(object({ playId: Type.Optional(Uuid) })),
  /** What the person says of the title; `resumed` goes back to what the plays say (SEMANTICS D8). */
  WatchStateSet: eventType(
    object({ state: Type.Enum(['dropped', 'on_hold', 'resumed']), name: TitleName }),
  ),
} as const;

export type ViewingEvent = EventOf<typeof viewingEvents>;
export type MovieWatched = Extract<ViewingEvent, { type: 'MovieWatched' }>;
