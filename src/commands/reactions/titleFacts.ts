import type { DomainEvent } from '../../domain/eventTypes.js';
import type { MovieChanges, MovieField } from '../../domain/movie/events.js';
import {
  allFacts,
  factsKnown,
  factsLackingIn,
  factsMask,
  type TitleFact,
} from '../../domain/viewing/titleFacts.js';
import type { ViewingEvent } from '../../domain/viewing/events.js';
import type { RecordedEvent } from '../ports/eventStore.js';
import type { Reaction, ReactionLog } from '../ports/reactions.js';
import type {
  FilmChange,
  TitleChanges,
  TitleViewers,
  Viewer,
  ViewerChange,
} from '../ports/titleViewers.js';

const filmEvents = ['MovieImported', 'MovieMetadataRefreshed', 'MovieDetailsEdited'] as const;
const viewingEvents = [
  ...(['MovieWatched', 'TitleRated', 'ReviewWritten', 'FavoriteAdded'] as const),
  ...(['WatchlistAdded', 'WatchStateSet', 'TitleFactsLearnt'] as const),
] as const;
const takes = [...filmEvents, ...viewingEvents] as const;

type EventOf<Type extends DomainEvent['type']> = Extract<DomainEvent, { type: Type }>;
type FilmEvent = EventOf<(typeof filmEvents)[number]>;

/** The log's door checked the data. */
const isOf = <Type extends DomainEvent['type']>(
  types: readonly Type[],
  event: RecordedEvent,
): event is RecordedEvent & EventOf<Type> => (types as readonly string[]).includes(event.type);

/** The fields of a film that make the facts of a snapshot. */
const factOf: Readonly<Partial<Record<MovieField, TitleFact>>> = {
  ...({ title: 'title', runtimeMinutes: 'runtimeMinutes', genres: 'genres' } as const),
  ...({ year: 'releaseYear', releaseDate: 'releaseDate', countries: 'countries' } as const),
  ...({ communityRating: 'voteAverage', originalLanguage: 'originalLanguage' } as const),
  ...({ directors: 'directors', studios: 'studios', cast: 'actors' } as const),
};

/** How many people are told at once. */
const AT_ONCE = 8;
/** A command is waited for so long: the same as one that a client gives by default. */
const LEARN_MS = 10_000;

/**
 * When the catalogue learns what it did not know of a film, the plays and names that were recorded without it follow
 * (SEMANTICS D6): each person's by a command of its own, which does nothing where nothing is lacking. So do those that
 * were recorded a moment after the film was imported, and decided before.
 */
export const titleFactsReaction = (dependencies: {
  readonly viewers: TitleViewers;
  /** Tells the plays and names of one person what is known of the title. */
  readonly learn: (viewer: Viewer, signal: AbortSignal) => Promise<unknown>;
  readonly log: ReactionLog;
}): Reaction => {
  const { viewers, learn, log } = dependencies;
  return {
    name: 'title-facts',
    version: 1,
    takes,
    react: async (events, signal) => {
      const changes = changesBy(events);
      await viewers.apply(changes);
      await each(await viewers.waiting(changes), signal, async (viewer) => {
        try {
          await learn(viewer, AbortSignal.any([signal, AbortSignal.timeout(LEARN_MS)]));
        } catch (error) {
          if (signal.aborted) throw error;
          // The others' facts do not wait for it. It is told again when the film changes next.
          log.error(
            { err: error, ...viewer },
            'plays could not be told what is known of their title',
          );
        }
      });
    },
    forget: () => viewers.forget(),
  };
};

/** What the events come to, one entry for each film and each person. */
const changesBy = (events: readonly RecordedEvent[]): TitleChanges => {
  const films = new Map<string, FilmChange>();
  const viewers = new Map<string, ViewerChange>();
  for (const event of events) {
    if (isOf(filmEvents, event)) {
      const { movieId: filmId } = event.data;
      const before = films.get(filmId) ?? { filmId, learnt: 0, cleared: 0 };
      films.set(filmId, afterFilm(before, event));
    } else if (isOf(viewingEvents, event)) {
      const { userId, titleId } = event.data;
      const key = `${userId} ${titleId}`;
      const before = viewers.get(key) ?? { userId, titleId, keep: ~0, lacks: 0 };
      viewers.set(key, afterViewing(before, event));
    }
  }
  return { films: [...films.values()], viewers: [...viewers.values()] };
};

const afterFilm = (film: FilmChange, event: FilmEvent): FilmChange => {
  const changes: MovieChanges = event.type === 'MovieImported' ? event.data : event.data.changes;
  const { learnt, cleared } = masksOf(changes);
  return {
    ...film,
    learnt: (film.learnt & ~cleared) | learnt,
    cleared: (film.cleared & ~learnt) | cleared,
  };
};

const masksOf = (changes: MovieChanges): Pick<FilmChange, 'learnt' | 'cleared'> => {
  const learnt: TitleFact[] = [];
  const cleared: TitleFact[] = [];
  for (const [field, value] of Object.entries(changes)) {
    const fact = factOf[field as MovieField];
    if (fact === undefined) continue;
    const isKnown = Array.isArray(value) ? value.length > 0 : value != null;
    (isKnown ? learnt : cleared).push(fact);
  }
  return { learnt: factsMask(learnt), cleared: factsMask(cleared) };
};

const afterViewing = (viewer: ViewerChange, event: ViewingEvent): ViewerChange => {
  if (event.type === 'TitleFactsLearnt') {
    const stays = ~factsMask(factsKnown(allFacts, event.data.snapshot));
    return { ...viewer, keep: viewer.keep & stays, lacks: viewer.lacks & stays };
  }
  return { ...viewer, lacks: viewer.lacks | factsMask(factsLackingIn(event.data)) };
};

/** A few at a time. */
const each = async <Item>(
  items: readonly Item[],
  signal: AbortSignal,
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  const waiting = items.values();
  await Promise.all(
    Array.from({ length: AT_ONCE }, async () => {
      for (const item of waiting) {
        signal.throwIfAborted();
        await work(item);
      }
    }),
  );
};
