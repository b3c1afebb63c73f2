import type { Actor, CommandName, CommandRequest } from '../../../../commands/command.js';
import { derivedId } from '../../../../domain/streams.js';
import type { WatchedValue } from '../../../../domain/viewing/commands.js';
import type { SamplePerson, SamplePlay } from './files.js';

/** Something that a person did with a film. */
export interface Deed {
  readonly kind: 'plays' | 'opinions' | 'lists';
  /** Its title. */
  readonly film: string;
  readonly request: (movieId: string) => CommandRequest;
}

/**
 * All that a person did, in an order that gives the same when it is gone through again. Wishes come last: they
 * are fulfilled by a play, and what was watched before can be wanted once more.
 */
export function* deedsOf(person: SamplePerson, actor: Actor): Generator<Deed> {
  for (const play of person.plays) {
    yield deed('plays', play.film, (movieId) => ({
      name: 'RecordWatchEvent',
      data: playOf(play, movieId, actor),
      actor,
    }));
  }
  for (const { film, rating, review, spoiler = false } of person.opinions) {
    yield deed('opinions', film, (movieId) => ({
      name: 'RateMovie',
      data: { movieId, rating },
      actor,
    }));
    if (review !== undefined) {
      yield deed('opinions', film, (movieId) => ({
        name: 'WriteReview',
        data: { movieId, review, spoiler },
        actor,
      }));
    }
  }
  for (const film of person.favorites) {
    yield deed('lists', film, (movieId) => ({ name: 'AddToFavorites', data: { movieId }, actor }));
  }
  for (const { film, state } of person.watchlist) {
    yield deed('lists', film, (movieId) => ({ name: 'AddToWatchlist', data: { movieId }, actor }));
    if (state !== undefined) {
      yield deed('lists', film, (movieId) => ({
        name: 'SetWatchState',
        data: { movieId, state },
        actor,
      }));
    }
  }
}

/** Checks the data by the command's name, which the list of deeds no longer knows. */
const deed = <Name extends CommandName>(
  kind: Deed['kind'],
  film: string,
  request: (movieId: string) => CommandRequest<Name>,
): Deed => ({ kind, film, request });

/** The play's id follows from what the file says: a play that was amended or removed since is known again. */
const playOf = ({ film, watched, note }: SamplePlay, movieId: string, { userId }: Actor) => ({
  movieId,
  playId: derivedId(`samples:play:${userId}:${film}:${watched ?? 'unknown'}`),
  watched: whenOf(watched),
  source: 'import' as const,
  ...(note === undefined ? {} : { note }),
});

const whenOf = (watched: string | undefined): WatchedValue => {
  if (watched === undefined) return 'unknown';
  return watched.includes('T') ? { at: watched } : { date: watched };
};
