import type { ViewingCommand, ViewingContext } from '../../../src/domain/viewing/commands.js';
import { filmId, personId, playIdOf, snapshotOf } from './viewingEvents.js';

type Data<Name extends ViewingCommand['type']> = Extract<ViewingCommand, { type: Name }>['data'];
type Told<Name extends ViewingCommand['type']> = Omit<Data<Name>, 'movieId' | 'playId'>;

const said = (at: string | undefined) => (at === undefined ? {} : { at });

/** When all commands are given, unless they say otherwise. */
export const NOW = '2026-02-06T20:00:00.000Z';

/**
 * What one person says about one film that the catalogue knows, as commands; the counterpart of `viewingOf`. New
 * plays are named `second` unless the context says otherwise.
 */
export const commandsOf = (person: string, film: string, changes: Partial<ViewingContext> = {}) => {
  const movieId = filmId(film);
  const playId = (name: string) => playIdOf(`${person} ${film} ${name}`);
  const context: ViewingContext = {
    now: NOW,
    userId: personId(person),
    titleId: movieId,
    zone: 'UTC',
    playId: playId('second'),
    title: snapshotOf({ title: film }),
    ...changes,
  };
  const onFilm = { data: { movieId }, context };
  return {
    context,
    record: (data: Data<'RecordWatchEvent'> = {}): ViewingCommand => ({
      type: 'RecordWatchEvent',
      data,
      context,
    }),
    amend: (data: Told<'AmendWatch'>, name = 'first'): ViewingCommand => ({
      type: 'AmendWatch',
      data: { movieId, playId: playId(name), ...data },
      context,
    }),
    remove: (name = 'first'): ViewingCommand => ({
      type: 'RemoveWatch',
      data: { movieId, playId: playId(name) },
      context,
    }),
    restore: (name = 'first', force?: true): ViewingCommand => ({
      type: 'RestoreWatch',
      data: { movieId, playId: playId(name), ...(force ? { force } : {}) },
      context,
    }),
    learn: (): ViewingCommand => ({ type: 'LearnTitleFacts', ...onFilm }),
    rate: (rating: number, told: Omit<Told<'RateMovie'>, 'rating'> = {}): ViewingCommand => ({
      type: 'RateMovie',
      data: { movieId, rating, ...told },
      context,
    }),
    unrate: (): ViewingCommand => ({ type: 'RemoveRating', ...onFilm }),
    review: (review: string, spoiler?: boolean, at?: string): ViewingCommand => ({
      type: 'WriteReview',
      data: { movieId, review, ...(spoiler === undefined ? {} : { spoiler }), ...said(at) },
      context,
    }),
    unreview: (): ViewingCommand => ({ type: 'RemoveReview', ...onFilm }),
    like: (at?: string): ViewingCommand => ({
      type: 'AddToFavorites',
      data: { movieId, ...said(at) },
      context,
    }),
    unlike: (): ViewingCommand => ({ type: 'RemoveFromFavorites', ...onFilm }),
    wish: (at?: string): ViewingCommand => ({
      type: 'AddToWatchlist',
      data: { movieId, ...said(at) },
      context,
    }),
    unwish: (): ViewingCommand => ({ type: 'RemoveFromWatchlist', ...onFilm }),
    set: (state: Data<'SetWatchState'>['state'], recordPlay?: boolean): ViewingCommand => ({
      type: 'SetWatchState',
      data: { movieId, state, ...(recordPlay === undefined ? {} : { recordPlay }) },
      context,
    }),
  };
};
