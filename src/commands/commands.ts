import { setTimeout as sleep } from 'node:timers/promises';
import type { Permission } from '../domain/account/permissions.js';
import { commandTypes, type CommandName } from '../domain/commandTypes.js';
import { validator, type Validation } from '../domain/validation.js';
import { onOwnAccount, registerAccount } from './accounts/accountCommands.js';
import { authorise } from './handling/authorisation.js';
import { callOf, ownCall, randomIds, type CommandCall, type CommandIds } from './handling/call.js';
import {
  CommandRejected,
  type CommandData,
  type CommandOutcome,
  type CommandRequest,
  type ExecuteCommand,
} from './command.js';
import { underKey } from './handling/idempotency.js';
import { onLibrary } from './libraries/libraryCommands.js';
import { createLoadedStreams } from './handling/loadedStreams.js';
import { enrichMovie, type EnrichedFilm } from './catalogue/enrichMovie.js';
import { changeAttachment } from './catalogue/attachments.js';
import { changeMovie, importMovie, removeMovie, restoreMovie } from './catalogue/movieCommands.js';
import { fetchMovieImage, type FetchedImage } from './catalogue/movieImages.js';
import { refreshCollection, type CollectionRefresh } from './catalogue/refreshCollection.js';
import type { Access } from './ports/access.js';
import type { Clock } from './ports/clock.js';
import type { CommandReceipts } from './ports/commandReceipts.js';
import type { EventStore } from './ports/eventStore.js';
import type { ImageProvider, ImageStore } from './ports/images.js';
import type { CollectionProvider, MovieProvider } from './ports/movieProvider.js';
import type { Reservations } from './ports/reservations.js';
import type { TitleViewers } from './ports/titleViewers.js';
import type { WorkAbout } from './ports/workQueue.js';
import type { TitleCommands } from './reactions/titles.js';
import type { CommandServices } from './handling/services.js';
import { learnTitleFacts } from './viewing/titleFacts.js';
import { changeRole, removeAccount } from './accounts/peopleCommands.js';
import { arriveViewing, moveViewing } from './viewing/titleMoves.js';
import { createSerialiser } from './handling/serialise.js';
import { unlessStopped } from './ports/waiting.js';
import { onOwnMovie, recordWatch } from './viewing/viewingCommands.js';

type UseCase<Name extends CommandName> = (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<Name>,
) => Promise<CommandOutcome>;

/** What a command takes, and what carries it out. */
interface CommandEntry<Name extends CommandName> {
  readonly requires: Permission;
  readonly handle: UseCase<Name>;
}

const ofCatalogue = { role: 'admin', scope: 'write' } as const;
const ofViewing = { role: 'member', scope: 'watch' } as const;
const ofOwnAccount = { role: 'member', scope: 'write' } as const;
const ofAccounts = { role: 'admin', scope: 'admin' } as const;
const ofPeople = { role: 'owner', scope: 'admin' } as const;

/** Everything that can be commanded, and who may: what is everybody's is not everybody's to change. */
const commands: { readonly [Name in CommandName]: CommandEntry<Name> } = {
  ImportMovie: { requires: ofCatalogue, handle: importMovie },
  EditMovieDetails: { requires: ofCatalogue, handle: changeMovie('EditMovieDetails') },
  RefreshMovieMetadata: { requires: ofCatalogue, handle: changeMovie('RefreshMovieMetadata') },
  UnlockFields: { requires: ofCatalogue, handle: changeMovie('UnlockFields') },
  StoreMovieImage: { requires: ofCatalogue, handle: changeAttachment('StoreMovieImage') },
  RemoveMovieImage: { requires: ofCatalogue, handle: changeAttachment('RemoveMovieImage') },
  RemoveMovie: { requires: ofCatalogue, handle: removeMovie },
  RestoreMovie: { requires: ofCatalogue, handle: restoreMovie },
  AttachFile: { requires: ofCatalogue, handle: changeAttachment('AttachFile') },
  DetachFile: { requires: ofCatalogue, handle: changeAttachment('DetachFile') },

  RecordWatchEvent: { requires: ofViewing, handle: recordWatch },
  AmendWatch: { requires: ofViewing, handle: onOwnMovie('AmendWatch') },
  RemoveWatch: { requires: ofViewing, handle: onOwnMovie('RemoveWatch') },
  RestoreWatch: { requires: ofViewing, handle: onOwnMovie('RestoreWatch') },
  RateMovie: { requires: ofViewing, handle: onOwnMovie('RateMovie') },
  RemoveRating: { requires: ofViewing, handle: onOwnMovie('RemoveRating') },
  WriteReview: { requires: ofViewing, handle: onOwnMovie('WriteReview') },
  RemoveReview: { requires: ofViewing, handle: onOwnMovie('RemoveReview') },
  AddToFavorites: { requires: ofViewing, handle: onOwnMovie('AddToFavorites') },
  RemoveFromFavorites: { requires: ofViewing, handle: onOwnMovie('RemoveFromFavorites') },
  AddToWatchlist: { requires: ofViewing, handle: onOwnMovie('AddToWatchlist') },
  RemoveFromWatchlist: { requires: ofViewing, handle: onOwnMovie('RemoveFromWatchlist') },
  SetWatchState: { requires: ofViewing, handle: onOwnMovie('SetWatchState') },

  RegisterAccount: { requires: ofAccounts, handle: registerAccount },
  ChangeRole: { requires: ofPeople, handle: changeRole },
  RemoveAccount: { requires: ofPeople, handle: removeAccount },
  ChangeProfile: { requires: ofOwnAccount, handle: onOwnAccount('ChangeProfile') },
  MarkAchievementsSeen: { requires: ofViewing, handle: onOwnAccount('MarkAchievementsSeen') },

  CreateLibrary: { requires: ofCatalogue, handle: onLibrary('CreateLibrary') },
  RenameLibrary: { requires: ofCatalogue, handle: onLibrary('RenameLibrary') },
  ChangeLibraryPaths: { requires: ofCatalogue, handle: onLibrary('ChangeLibraryPaths') },
  RemoveLibrary: { requires: ofCatalogue, handle: onLibrary('RemoveLibrary') },
};

/** What a command takes. */
export const permissionOf = (name: CommandName): Permission => commands[name].requires;

const checks = Object.fromEntries(
  Object.entries(commandTypes).map(([name, schema]) => [name, validator(schema)]),
) as Record<CommandName, (data: unknown) => Validation<unknown>>;

/** The commands, and what a shutdown needs to know of them. */
export interface Commands {
  readonly execute: ExecuteCommand;
  /** What follows from what becomes known of titles: a reaction's work. */
  readonly titles: TitleCommands;
  /** Looks a film up: work of the queue. @throws {ProviderFailure} */
  enrich(
    providers: readonly MovieProvider[],
    movieId: string,
    signal: AbortSignal,
  ): Promise<EnrichedFilm>;
  /** Looks a collection up, by its id at TMDb: likewise. @throws {ProviderFailure} */
  refreshCollection(
    provider: CollectionProvider,
    tmdbId: number,
    signal: AbortSignal,
  ): Promise<CollectionRefresh>;
  /** Fetches a picture of a film: likewise. @throws {ImageRefused} {ImageUnavailable} {ProviderFailure} */
  fetchImage(
    using: { readonly images: ImageStore; readonly provider: ImageProvider },
    about: WorkAbout<'store-image'>,
    signal: AbortSignal,
  ): Promise<FetchedImage>;
  /** Resolves when no command runs any more, or after the limit. @returns how many still run */
  idle(limitMs: number): Promise<number>;
}

export const createCommands = (dependencies: {
  readonly eventStore: EventStore;
  readonly reservations: Reservations;
  readonly access: Access;
  readonly receipts: CommandReceipts;
  readonly viewers: TitleViewers;
  readonly clock: Clock;
  readonly newId: () => string;
  /** How many folded streams are kept in memory. */
  readonly keptStreams?: number;
}): Commands => {
  const { eventStore, reservations, access, receipts, viewers, clock, newId, keptStreams } =
    dependencies;
  const services: CommandServices = {
    eventStore,
    reservations,
    access,
    viewers,
    clock,
    newId,
    streams: createLoadedStreams(eventStore, keptStreams),
    inTurn: createSerialiser(),
  };
  let running = 0;

  const execute: ExecuteCommand = (request) => {
    const { signal } = request;
    running += 1;
    const outcome = carriedOut(request).finally(() => {
      running -= 1;
    });
    return signal ? unlessStopped(outcome, signal) : outcome;
  };
  const carriedOut = async (request: CommandRequest): Promise<CommandOutcome> => {
    requireValid(request);
    authorise(request, permissionOf(request.name));
    const run = (ids: CommandIds) =>
      runUseCase(request, callOf(request, clock.now().toISOString(), ids));
    const { name, data, actor, idempotencyKey: key } = request;
    return key === undefined
      ? run(randomIds(newId))
      : underKey(receipts, { userId: actor.userId, key, name, data }, run);
  };
  const runUseCase = <Name extends CommandName>(
    { name, data }: CommandRequest<Name>,
    call: CommandCall,
  ): Promise<CommandOutcome> => commands[name].handle(services, call, data);

  const own = (signal: AbortSignal): CommandCall =>
    ownCall(clock.now().toISOString(), randomIds(newId), signal);

  return {
    execute,
    titles: {
      learn: (viewer, signal) => learnTitleFacts(services, own(signal), viewer),
      move: (stray, signal) => moveViewing(services, own(signal), stray),
      arrive: (viewer, signal) => arriveViewing(services, own(signal), viewer),
    },
    enrich: (providers, movieId, signal) =>
      enrichMovie(services, { ...own(signal), signal }, providers, movieId),
    refreshCollection: (provider, tmdbId, signal) =>
      refreshCollection(services, { ...own(signal), signal }, provider, tmdbId),
    fetchImage: (using, about, signal) =>
      fetchMovieImage(services, { ...own(signal), signal }, using, about),
    idle: async (limitMs) => {
      const deadline = performance.now() + limitMs;
      while (running > 0 && performance.now() < deadline) await sleep(5);
      return running;
    },
  };
};

const requireValid = ({ name, data }: CommandRequest): void => {
  const checked = checks[name](data);
  if (checked.ok) return;
  const [first] = checked.errors;
  throw new CommandRejected({
    kind: 'malformed',
    code: 'malformed',
    message: first ? `${first.field || 'The data'} ${first.message}.` : 'The data are not valid.',
    errors: checked.errors,
  });
};
