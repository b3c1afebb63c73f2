import type { MovieCommand } from '../domain/movie/commands.js';
import type { MovieEvent } from '../domain/movie/events.js';
import { movieDecider, type MovieState } from '../domain/movie/movie.js';
import { movieStream } from '../domain/streams.js';
import type { CommandCall } from './call.js';
import type { CommandData, CommandOutcome } from './command.js';
import { claimNames, namesOf, releaseNames } from './externalIds.js';
import { handleOn } from './handleOn.js';
import type { Loaded } from './loadedStreams.js';
import type { CommandServices } from './services.js';

type Change = Exclude<MovieCommand, { type: 'ImportMovie' }>['type'];

/** A command on one film, on its stream. */
const onMovie = (
  services: CommandServices,
  call: CommandCall,
  movieId: string,
  command: (loaded: Loaded<MovieState>) => MovieCommand,
): Promise<CommandOutcome> =>
  handleOn<MovieState, MovieCommand, MovieEvent>(services, call, {
    stream: movieStream(movieId),
    decider: movieDecider,
    command,
    id: movieId,
  });

/**
 * Imports a film, or finds the one that one of its external ids belongs to. The ids are reserved first: two
 * imports of one film at once meet the same stream.
 */
export const importMovie = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'ImportMovie'>,
): Promise<CommandOutcome> => {
  const claim = await claimNames(services, call, data);
  try {
    return await onMovie(services, call, claim.movieId, () => ({
      type: 'ImportMovie',
      data,
      context: { now: call.now, movieId: claim.movieId },
    }));
  } catch (error) {
    await releaseNames(services, claim.movieId, call.signal);
    throw error;
  }
};

/** Edits, refreshes, unlocks. External ids that change are reserved before, and freed after. */
export const changeMovie =
  <Name extends Change>(type: Name) =>
  async (
    services: CommandServices,
    call: CommandCall,
    data: CommandData<Name>,
  ): Promise<CommandOutcome> => {
    const { movieId } = data;
    const changes = 'changes' in data ? data.changes : {};
    const changesIds = namesOf(changes).length > 0 || clearsIds(changes);
    if (changesIds) await claimNames(services, call, { ...changes, movieId });
    const command = { type, data, context: { now: call.now, movieId } } as MovieCommand;
    try {
      return await onMovie(services, call, movieId, () => command);
    } finally {
      if (changesIds) await releaseNames(services, movieId, call.signal);
    }
  };

const clearsIds = (changes: object): boolean =>
  ['tmdbId', 'imdbId', 'tvdbId'].some((field) => field in changes);

/** A removed film's external ids are free for another. */
export const removeMovie = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'RemoveMovie'>,
): Promise<CommandOutcome> => {
  const outcome = await onMovie(services, call, data.movieId, () => ({
    type: 'RemoveMovie',
    data,
    context: { now: call.now, movieId: data.movieId },
  }));
  await releaseNames(services, data.movieId, call.signal);
  return outcome;
};

/** Takes the external ids again, unless another film has them by now. */
export const restoreMovie = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'RestoreMovie'>,
): Promise<CommandOutcome> => {
  const { movieId } = data;
  const { state } = await services.streams.load(movieStream(movieId), movieDecider, call.signal);
  if (state.status === 'removed') await claimNames(services, call, { ...state.details, movieId });
  try {
    return await onMovie(services, call, movieId, () => ({
      type: 'RestoreMovie',
      data,
      context: { now: call.now, movieId },
    }));
  } catch (error) {
    await releaseNames(services, movieId, call.signal);
    throw error;
  }
};
