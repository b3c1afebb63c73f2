import { derivedId } from '../../../src/domain/streams.js';
import { localDateOf } from '../../../src/domain/time/localTime.js';
import type {
  TitleSnapshot,
  ViewingEvent,
  WatchedWhen,
} from '../../../src/domain/viewing/events.js';

/** Ids by name: the same name is the same person, film or play. */
export const personId = (name: string): string => derivedId(`test:person:${name}`);
export const filmId = (name: string): string => derivedId(`test:film:${name}`);
export const playIdOf = (name: string): string => derivedId(`test:play:${name}`);

export const atInstant = (instant: string, zone = 'UTC'): WatchedWhen => ({
  precision: 'instant',
  instant,
  zone,
  localDate: localDateOf(instant, zone),
});

export const onDate = (localDate: string, zone = 'UTC'): WatchedWhen => ({
  precision: 'date',
  zone,
  localDate,
});

export const onRelease = (localDate: string, zone = 'UTC'): WatchedWhen => ({
  precision: 'date',
  zone,
  localDate,
  released: true,
});

export const sometime: WatchedWhen = { precision: 'unknown', zone: 'UTC' };

type Dated = Extract<
  ViewingEvent,
  { type: 'TitleRated' | 'ReviewWritten' | 'FavoriteAdded' | 'WatchlistAdded' }
>;

/** The same, said to be of this moment. */
export const saidOf = (event: Dated, at: string): ViewingEvent =>
  ({ ...event, data: { ...event.data, at } }) as Dated;

/** A film of 100 minutes that nothing is known of but what is said. */
export const snapshotOf = (facts: Partial<TitleSnapshot> = {}): TitleSnapshot => ({
  title: 'A Film',
  runtimeMinutes: 100,
  runtimeEstimated: false,
  genres: [],
  countries: [],
  directors: [],
  studios: [],
  actors: [],
  ...facts,
});

/** What one person does with one film, as events. Plays are named within the film. */
export const viewingOf = (person: string, film: string) => {
  const about = { userId: personId(person), titleId: filmId(film), kind: 'movie' } as const;
  const play = (name: string) => ({ playId: playIdOf(`${person} ${film} ${name}`) });
  return {
    ...about,
    play: (name = 'first') => play(name).playId,
    watched: (
      watched: WatchedWhen,
      told: {
        readonly play?: string;
        readonly source?: 'manual' | 'playback' | 'import' | 'webhook';
        readonly batchId?: string;
        readonly externalId?: string;
        readonly note?: string;
        readonly resumes?: true;
        readonly snapshot?: Partial<TitleSnapshot>;
      } = {},
    ): Extract<ViewingEvent, { type: 'MovieWatched' }> => ({
      type: 'MovieWatched',
      data: {
        ...about,
        ...play(told.play ?? 'first'),
        watched,
        source: told.source ?? 'manual',
        ...(told.batchId === undefined ? {} : { batchId: told.batchId }),
        ...(told.externalId === undefined ? {} : { externalId: told.externalId }),
        ...(told.note === undefined ? {} : { note: told.note }),
        ...(told.resumes === undefined ? {} : { resumes: told.resumes }),
        snapshot: snapshotOf({ title: film, ...told.snapshot }),
      },
    }),
    amended: (watched: WatchedWhen, name = 'first'): ViewingEvent => ({
      type: 'WatchAmended',
      data: { ...about, ...play(name), watched },
    }),
    noted: (note: string | null, name = 'first'): ViewingEvent => ({
      type: 'WatchAmended',
      data: { ...about, ...play(name), note },
    }),
    removed: (name = 'first', removedAt = '2026-11-01T00:00:00.000Z'): ViewingEvent => ({
      type: 'WatchRemoved',
      data: { ...about, ...play(name), removedAt },
    }),
    restored: (name = 'first'): ViewingEvent => ({
      type: 'WatchRestored',
      data: { ...about, ...play(name) },
    }),
    linked: (name: string, original = 'first'): ViewingEvent => ({
      type: 'WatchLinkedAsDuplicate',
      data: { ...about, ...play(name), duplicateOf: play(original).playId },
    }),
    learnt: (snapshot: Partial<TitleSnapshot> = {}): ViewingEvent => ({
      type: 'TitleFactsLearnt',
      data: { ...about, snapshot: snapshotOf({ title: film, ...snapshot }) },
    }),
    unlinked: (name: string, parted = false): ViewingEvent => ({
      type: 'WatchUnlinked',
      data: { ...about, ...play(name), ...(parted ? { parted } : {}) },
    }),
    rated: (rating: number, source?: 'import'): Dated => ({
      type: 'TitleRated',
      data: { ...about, rating, name: { title: film }, ...(source ? { source } : {}) },
    }),
    unrated: (): ViewingEvent => ({ type: 'RatingRemoved', data: about }),
    reviewed: (review: string, spoiler = false): Dated => ({
      type: 'ReviewWritten',
      data: { ...about, review, spoiler, name: { title: film } },
    }),
    unreviewed: (): ViewingEvent => ({ type: 'ReviewRemoved', data: about }),
    liked: (): Dated => ({
      type: 'FavoriteAdded',
      data: { ...about, name: { title: film } },
    }),
    unliked: (): ViewingEvent => ({ type: 'FavoriteRemoved', data: about }),
    wished: (): Dated => ({
      type: 'WatchlistAdded',
      data: { ...about, name: { title: film } },
    }),
    unwished: (): ViewingEvent => ({ type: 'WatchlistRemoved', data: about }),
    takenOffBy: (name: string): ViewingEvent => ({
      type: 'WatchlistRemoved',
      data: { ...about, ...play(name) },
    }),
    marked: (state: 'dropped' | 'on_hold' | 'resumed'): ViewingEvent => ({
      type: 'WatchStateSet',
      data: { ...about, state, name: { title: film } },
    }),
  };
};
