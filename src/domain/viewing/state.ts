import type { Instant } from '../schemas.js';
import type { PlaySource, ViewingEvent, WatchedWhen } from './events.js';
import { oneDecimal } from './rating.js';
import { factsKnown, factsLackingIn, type TitleFact } from './titleFacts.js';
import { standingOf, type Mark, type Standing, type Wish } from './watchState.js';

/** One recorded watch, as much of it as rules ask for. */
export interface Play {
  readonly id: string;
  readonly watched: WatchedWhen;
  /** As it was first reported, before it was amended: a report of the same again means this play. */
  readonly reported: WatchedWhen;
  readonly source: PlaySource;
  readonly externalId?: string;
  readonly note?: string | null;
  readonly duplicateOf?: string;
  /** A viewing of its own, as the person says, however near another is. */
  readonly parted?: true;
  /** It resumes the title if that was dropped or on hold before. */
  readonly resumes?: true;
  /** Removed, and since when. */
  readonly removedAt?: Instant;
}

/** One person and one title. All fields are always there: states of one shape are copied several times as fast. */
export interface ViewingState {
  /** By id, in the order they were recorded. */
  readonly plays: ReadonlyMap<string, Play>;
  readonly rating: number | undefined;
  /** When, as far as the person said; as are the times below. */
  readonly ratedAt: Instant | undefined;
  readonly review: Review | undefined;
  readonly favorite: boolean;
  readonly favoriteAt: Instant | undefined;
  readonly wish: Wish | undefined;
  readonly wishedAt: Instant | undefined;
  readonly mark: Mark | undefined;
  /** What plays or names did not know of the title when they were recorded, and still do not. */
  readonly lacks: ReadonlySet<TitleFact>;
  /** Everything was moved to this id of the title. */
  readonly movedTo: string | undefined;
  /** The moves from other ids that have arrived here. */
  readonly adopted: ReadonlySet<string>;
}

interface Review {
  readonly text: string | null;
  readonly spoiler: boolean;
  readonly at: Instant | undefined;
}

export const initialViewing: ViewingState = {
  plays: new Map(),
  rating: undefined,
  ratedAt: undefined,
  review: undefined,
  favorite: false,
  favoriteAt: undefined,
  wish: undefined,
  wishedAt: undefined,
  mark: undefined,
  lacks: new Set(),
  movedTo: undefined,
  adopted: new Set(),
};

/** Where the title stands for the person. */
export const standing = ({ plays, wish, mark }: ViewingState): Standing =>
  standingOf(
    { wish, mark },
    [...plays.values()].map(({ removedAt, ...play }) => ({
      removed: removedAt !== undefined,
      ...play,
    })),
  );

export const evolve = (state: ViewingState, event: ViewingEvent): ViewingState => {
  const lacks = lacksAfter(state.lacks, event);
  return evolved(lacks === state.lacks ? state : { ...state, lacks }, event);
};

const lacksAfter = (
  lacks: ReadonlySet<TitleFact>,
  { type, data }: ViewingEvent,
): ReadonlySet<TitleFact> => {
  if (type === 'TitleFactsLearnt') {
    const known = factsKnown(lacks, data.snapshot);
    return new Set([...lacks].filter((fact) => !known.includes(fact)));
  }
  const lacking = factsLackingIn(data).filter((fact) => !lacks.has(fact));
  return lacking.length === 0 ? lacks : new Set([...lacks, ...lacking]);
};

const evolved = (state: ViewingState, event: ViewingEvent): ViewingState => {
  switch (event.type) {
    case 'MovieWatched': {
      const { playId: id, watched, source, externalId, note, resumes } = event.data;
      return withPlay(state, {
        id,
        watched,
        reported: watched,
        source,
        ...(externalId === undefined ? {} : { externalId }),
        ...(note === undefined ? {} : { note }),
        ...(resumes === undefined ? {} : { resumes }),
      });
    }
    case 'WatchAmended': {
      const { playId, watched, note, duplicateOf } = event.data;
      return changePlay(state, playId, (play) => ({
        ...(duplicateOf === null ? unlinked(play) : play),
        ...(watched === undefined ? {} : { watched }),
        ...(note === undefined ? {} : { note }),
      }));
    }
    case 'WatchRemoved':
      return changePlay(state, event.data.playId, (play) => ({
        ...play,
        removedAt: event.data.removedAt,
      }));
    case 'WatchRestored':
      return changePlay(state, event.data.playId, ({ removedAt: _, ...play }) => play);
    case 'WatchLinkedAsDuplicate':
      return changePlay(state, event.data.playId, (play) => ({
        ...play,
        duplicateOf: event.data.duplicateOf,
      }));
    case 'TitleFactsLearnt':
      return state;
    case 'WatchUnlinked':
      return changePlay(state, event.data.playId, (play) => ({
        ...unlinked(play),
        ...(event.data.parted === undefined ? {} : { parted: true }),
      }));
    case 'ViewingMoved':
      return { ...initialViewing, adopted: state.adopted, movedTo: event.data.movedTo };
    case 'ViewingAdopted':
      return {
        ...state,
        movedTo: undefined,
        adopted: new Set([...state.adopted, event.data.moveId]),
      };
    case 'TitleRated':
      return { ...state, rating: oneDecimal(event.data.rating), ratedAt: event.data.at };
    case 'RatingRemoved':
      return { ...state, rating: undefined, ratedAt: undefined };
    case 'ReviewWritten': {
      const { review: text, spoiler, at } = event.data;
      return { ...state, review: { text, spoiler, at } };
    }
    case 'ReviewRemoved':
      return { ...state, review: undefined };
    case 'FavoriteAdded':
      return { ...state, favorite: true, favoriteAt: event.data.at };
    case 'FavoriteRemoved':
      return { ...state, favorite: false, favoriteAt: undefined };
    case 'WatchlistAdded':
      // In older logs it follows a report of a viewing that the wish came after: the wish was never fulfilled.
      return standing(state).isWanted
        ? { ...state, wishedAt: event.data.at ?? state.wishedAt }
        : { ...state, wish: { since: state.plays.size }, wishedAt: event.data.at };
    case 'WatchlistRemoved':
      return state.wish && event.data.playId !== undefined
        ? { ...state, wish: { ...state.wish, takenOff: true } }
        : { ...state, wish: undefined, wishedAt: undefined };
    case 'WatchStateSet': {
      const { state: mark } = event.data;
      return {
        ...state,
        mark: mark === 'resumed' ? undefined : { state: mark, since: state.plays.size },
      };
    }
    default:
      return event satisfies never;
  }
};

const unlinked = ({ duplicateOf: _, ...play }: Play): Play => play;

const withPlay = (state: ViewingState, play: Play): ViewingState => ({
  ...state,
  plays: new Map(state.plays).set(play.id, play),
});

const changePlay = (
  state: ViewingState,
  playId: string,
  change: (play: Play) => Play,
): ViewingState => {
  const play = state.plays.get(playId);
  return play ? withPlay(state, change(play)) : state;
};
