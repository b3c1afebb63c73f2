import type { TitleSnapshot, WatchedWhen } from '../../../src/domain/viewing/events.js';
import type { RecordedViewing } from './viewingHistories.js';

/** A play that counts. */
export interface SurvivingPlay {
  readonly id: string;
  readonly userId: string;
  readonly titleId: string;
  readonly watched: WatchedWhen;
  readonly recordedAt: string;
  readonly snapshot: TitleSnapshot;
}

interface Told extends SurvivingPlay {
  removed: boolean;
  watched: WatchedWhen;
  snapshot: TitleSnapshot;
  /** The play that it reports the viewing of. */
  duplicateOf: string | undefined;
}

/**
 * The plays that are left of a history and count, worked out the plain way: all reports of all viewings are
 * listed, and each viewing has its first report, or the first that is not removed.
 */
export const survivingPlays = (events: readonly RecordedViewing[]): readonly SurvivingPlay[] => {
  const told = new Map<string, Told>();
  for (const event of events) {
    if (event.type === 'MovieWatched') {
      const { playId: id, userId, titleId, watched, snapshot } = event.data;
      const recordedAt = event.data.firstRecordedAt ?? event.recordedAt.toISOString();
      told.set(id, {
        ...{ id, userId, titleId, watched, recordedAt, snapshot },
        removed: false,
        duplicateOf: undefined,
      });
    }
    if (event.type === 'ViewingMoved') {
      const { userId, titleId } = event.data;
      for (const [id, play] of told) {
        if (play.userId === userId && play.titleId === titleId) told.delete(id);
      }
    }
    if (event.type === 'TitleFactsLearnt') {
      const { userId, titleId, snapshot } = event.data;
      for (const play of told.values()) {
        if (play.userId === userId && play.titleId === titleId) {
          play.snapshot = filled(play.snapshot, snapshot);
        }
      }
    }
    const play = 'playId' in event.data ? told.get(event.data.playId ?? '') : undefined;
    if (!play) continue;
    if (event.type === 'WatchAmended') play.watched = event.data.watched ?? play.watched;
    if (event.type === 'WatchAmended' && event.data.duplicateOf === null) {
      play.duplicateOf = undefined;
    }
    if (event.type === 'WatchUnlinked') play.duplicateOf = undefined;
    if (event.type === 'WatchRemoved') play.removed = true;
    if (event.type === 'WatchRestored') play.removed = false;
    if (event.type === 'WatchLinkedAsDuplicate') play.duplicateOf = event.data.duplicateOf;
  }
  const viewingOf = ({ id, duplicateOf }: Told, before: readonly string[] = []): string => {
    if (duplicateOf === undefined) return id;
    // Two that are linked to each other are one viewing.
    if (before.includes(id)) return before.slice(before.indexOf(id)).toSorted()[0] ?? id;
    const original = told.get(duplicateOf);
    return original ? viewingOf(original, [...before, id]) : duplicateOf;
  };
  const standing = new Map<string, Told>();
  for (const play of told.values()) {
    if (play.removed) continue;
    const viewing = viewingOf(play);
    if (play.id === viewing || !standing.has(viewing)) standing.set(viewing, play);
  }
  return [...told.values()].filter((play) => standing.get(viewingOf(play)) === play);
};

/** What is known field by field: as it was told first. */
const filled = (told: TitleSnapshot, known: TitleSnapshot): TitleSnapshot => {
  const listed = (names: 'genres' | 'countries' | 'directors' | 'studios' | 'actors') =>
    told[names].length > 0 ? told[names] : known[names];
  const timed = told.runtimeEstimated ? known : told;
  return {
    ...known,
    ...told,
    title: told.title === '?' ? known.title : told.title,
    runtimeMinutes: timed.runtimeEstimated ? told.runtimeMinutes : timed.runtimeMinutes,
    runtimeEstimated: timed.runtimeEstimated,
    genres: listed('genres'),
    countries: listed('countries'),
    directors: listed('directors'),
    studios: listed('studios'),
    actors: listed('actors'),
  };
};
