import { Type, type Static, type TSchema } from 'typebox';
import { externalIds } from '../movie/events.js';
import type { Instant } from '../schemas.js';
import {
  ClientInstant,
  ClientInstantNotDate,
  Line,
  LocalDate,
  Rating,
  SAYS,
  Text,
  Uuid,
  Zone,
} from '../schemas.js';
import { PlaySource, type TitleSnapshot, type ViewingEvent } from './events.js';

const movieId = Uuid;
const playId = Uuid;
const object = <Properties extends Parameters<typeof Type.Object>[0]>(properties: Properties) =>
  Type.Object(properties, { additionalProperties: false });

/**
 * When a person rated, reviewed or listed a film (SEMANTICS D9); without it that is now, and what was said before
 * keeps its time.
 */
const at = Type.Optional(ClientInstant);

/** When it was watched, as a client says it (SEMANTICS D1.5). */
export const WatchedValue = Type.Union(
  [
    Type.Enum(['now', 'released', 'unknown']),
    object({ at: ClientInstantNotDate }),
    object({ date: LocalDate }),
  ],
  {
    [SAYS]:
      'must be "now", {"at": "2026-11-20T20:30:00+01:00"}, {"date": "2026-11-20"}, "released" or "unknown"',
  },
);
export type WatchedValue = Static<typeof WatchedValue>;

/** What a client says about a person's own viewing of one film. */
export const viewingCommands = {
  /**
   * Names the film by `movieId`, or by one external id: then a film that the catalogue does not know yet
   * is recorded all the same, its metadata pending (SEMANTICS D1.10). Exactly one of `watched` and
   * `justWatched` may be given; neither means `unknown`. `rating` rates the film in the same append, as a
   * diary entry does; that of an import is dated by the watch. `force` records the same watch a second time.
   * `keepState` leaves a dropped or held film as it is.
   */
  RecordWatchEvent: object({
    movieId: Type.Optional(movieId),
    ...externalIds,
    playId: Type.Optional(playId),
    watched: Type.Optional(WatchedValue),
    justWatched: Type.Optional(Type.Boolean()),
    timezone: Type.Optional(Zone),
    source: Type.Optional(PlaySource),
    externalId: Type.Optional(Line(200)),
    device: Type.Optional(Line(200)),
    client: Type.Optional(Line(200)),
    playMethod: Type.Optional(Line(50)),
    note: Type.Optional(Text(1000, 1)),
    rating: Type.Optional(Rating),
    force: Type.Optional(Type.Boolean()),
    keepState: Type.Optional(Type.Boolean()),
  }),
  /**
   * `duplicateOf: null` parts a watch from the one that it was taken for a report of. `force` moves it onto another
   * watch.
   */
  AmendWatch: object({
    movieId,
    playId,
    watched: Type.Optional(WatchedValue),
    timezone: Type.Optional(Zone),
    note: Type.Optional(Type.Union([Text(1000, 1), Type.Null()])),
    duplicateOf: Type.Optional(Type.Null()),
    force: Type.Optional(Type.Boolean()),
  }),
  RemoveWatch: object({ movieId, playId }),
  /** `force` restores it beside another watch at the same time. */
  RestoreWatch: object({ movieId, playId, force: Type.Optional(Type.Boolean()) }),
  /** Without `review` an existing review stays; `null` clears it (SEMANTICS D9). */
  RateMovie: object({
    movieId,
    rating: Rating,
    review: Type.Optional(Type.Union([Text(10_000, 1), Type.Null()])),
    spoiler: Type.Optional(Type.Boolean()),
    at,
  }),
  RemoveRating: object({ movieId }),
  WriteReview: object({
    movieId,
    review: Text(10_000, 1),
    spoiler: Type.Optional(Type.Boolean()),
    at,
  }),
  RemoveReview: object({ movieId }),
  AddToFavorites: object({ movieId, at }),
  RemoveFromFavorites: object({ movieId }),
  AddToWatchlist: object({ movieId, at }),
  RemoveFromWatchlist: object({ movieId }),
  /**
   * `dropped` and `on_hold` stay until a watch is recorded or another state is set. `watched` means
   * a play with an unknown date and must be said so with `recordPlay: true` (SEMANTICS D8); `in_progress` is
   * derived and cannot be set.
   */
  SetWatchState: object({
    movieId,
    state: Type.Enum(['dropped', 'on_hold', 'resumed', 'watched', 'want_to_watch']),
    recordPlay: Type.Optional(Type.Boolean()),
  }),
} as const;

/** What was recorded under another id of a title, and when. */
export interface PastViewing {
  readonly event: ViewingEvent;
  readonly recordedAt: Instant;
}

/** What Reellog commands itself, when the catalogue learns something that concerns a person's viewing. */
export const internalViewingCommands = {
  /** The plays and names of a title get the facts that they lack. */
  LearnTitleFacts: object({ movieId }),
  /** The title turns out to be the one of another id. */
  MoveViewing: object({ movieId, into: Uuid, moveId: Uuid }),
  /** What a `MoveViewing` took away from the other id comes here; `past` is what was recorded there. */
  AdoptViewing: object({
    movieId,
    from: Uuid,
    moveId: Uuid,
    past: Type.Unsafe<readonly PastViewing[]>(Type.Array(Type.Object({}))),
  }),
} as const;

/** What the decider needs beside what the client said. */
export interface ViewingContext {
  readonly now: Instant;
  readonly userId: string;
  /** The film's id as resolved. */
  readonly titleId: string;
  /** The person's own zone (profile); what a command's `timezone` overrides. */
  readonly zone: Zone;
  /** Until when a night belongs to the person's day before (preference), `HH:MM`; default midnight. */
  readonly dayEndsAt?: string;
  /** For a new play: the client's id, derived from the import key, or new. */
  readonly playId: string;
  /** The film as the catalogue has it; absent when it does not know it. */
  readonly title?: TitleSnapshot;
  /** The person wants watched films off the watchlist (preference). */
  readonly removeWatchedFromWatchlist?: boolean;
}

type CommandOf<Schemas extends Readonly<Record<string, TSchema>>> = {
  [Name in keyof Schemas & string]: {
    readonly type: Name;
    readonly data: Static<Schemas[Name]>;
    readonly context: ViewingContext;
  };
}[keyof Schemas & string];

/** What a client can command. */
export type ClientViewingCommand = CommandOf<typeof viewingCommands>;
export type ViewingCommand = ClientViewingCommand | CommandOf<typeof internalViewingCommands>;
