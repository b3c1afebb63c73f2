import type { MovieCommand } from '../../domain/movie/commands.js';
import type { MovieEvent } from '../../domain/movie/events.js';
import { movieDecider, type MovieState } from '../../domain/movie/movie.js';
import { movieStream } from '../../domain/streams.js';
import type { CommandCall } from '../handling/call.js';
import { CommandRejected, type CommandData, type CommandOutcome } from '../command.js';
import { claimNames, namesOf, releaseNames, type NameClaim } from './externalIds.js';
import { handleCommand } from '../handling/handleCommand.js';
import type { Loaded } from '../handling/loadedStreams.js';
import { movieStateOf } from './movieState.js';
import type { CommandServices } from '../handling/services.js';
import { tellViewers } from '../viewing/titleViewers.js';

type Change = Exclude<MovieCommand, { type: 'ImportMovie' }>['type'];

/** A command on one film, on its stream. Whoever waited for what it tells of the film is told. */
const onMovie = async (
  services: CommandServices,
  call: CommandCall,
  movieId: string,
  command: (loaded: Loaded<MovieState>) => MovieCommand,
): Promise<CommandOutcome> => {
  const outcome = await handleCommand<MovieState, MovieCommand, MovieEvent>(services, call, {
    stream: movieStream(movieId),
    decider: movieDecider,
    command: () => command,
    id: movieId,
  });
  return outcome.appended === 0 ? outcome : tellViewers(services, call, outcome);
};

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
    await releaseRefused(services, call, claim, error);
    throw error;
  }
};

/**
 * Frees the names of a film that did not get them. When the log did not answer, the film may have them by now, or
 * in a moment: they stay reserved, as those of a command that died.
 */
const releaseRefused = async (
  services: CommandServices,
  call: CommandCall,
  claim: NameClaim,
  error: unknown,
): Promise<void> => {
  if (error instanceof CommandRejected) await releaseNames(services, claim, call.signal);
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
    const command = { type, data, context: { now: call.now, movieId } } as MovieCommand;
    const run = () => onMovie(services, call, movieId, () => command);
    const changes = 'changes' in data ? data.changes : {};
    if (!changesIds(changes)) return run();
    const before = await namesHad(services, call, movieId);
    const claim = await claimNames(services, call, { movieId, ...changes });
    const either = { movieId, names: [...before, ...claim.names] };
    try {
      const outcome = await run();
      await releaseNames(services, either, call.signal);
      return outcome;
    } catch (error) {
      await releaseRefused(services, call, either, error);
      throw error;
    }
  };

const changesIds = (changes: object): boolean =>
  ['tmdbId', 'imdbId', 'tvdbId'].some((field) => field in changes);

/** The names of a film's external ids, those of a removed one too. */
const namesHad = async (
  services: CommandServices,
  { signal }: CommandCall,
  movieId: string,
): Promise<readonly string[]> => {
  const state = await movieStateOf(services, movieId, signal);
  return state.status === 'absent' ? [] : namesOf(state.details);
};

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
  const names = await namesHad(services, call, data.movieId);
  await releaseNames(services, { movieId: data.movieId, names }, call.signal);
  return outcome;
};

/** Takes the external ids again, unless another film has them by now. */
export const restoreMovie = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'RestoreMovie'>,
): Promise<CommandOutcome> => {
  const { movieId } = data;
  const state = await movieStateOf(services, movieId, call.signal);
  const run = () =>
    onMovie(services, call, movieId, () => ({
      type: 'RestoreMovie',
      data,
      context: { now: call.now, movieId },
    }));
  if (state.status !== 'removed') return run();
  const claim = await claimNames(services, call, { movieId, ...state.details });
  try {
    return await run();
  } catch (error) {
    await releaseRefused(services, call, claim, error);
    throw error;
  }
};
