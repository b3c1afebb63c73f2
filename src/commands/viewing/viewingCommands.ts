import { DEFAULT_ZONE, accountDecider, type AccountState } from '../../domain/account/account.js';
import { movieDecider, type MovieState } from '../../domain/movie/movie.js';
import { titleSnapshotOf } from '../../domain/movie/snapshot.js';
import { accountStream, derivedId, movieStream, viewingStream } from '../../domain/streams.js';
import type {
  ClientViewingCommand,
  ViewingCommand,
  ViewingContext,
} from '../../domain/viewing/commands.js';
import type { ViewingEvent } from '../../domain/viewing/events.js';
import { recordedPlayId } from '../../domain/viewing/plays/recordWatch.js';
import type { ViewingState } from '../../domain/viewing/state.js';
import { viewingDecider } from '../../domain/viewing/viewing.js';
import type { CommandCall } from '../handling/call.js';
import { CommandRejected, type CommandData, type CommandOutcome } from '../command.js';
import { filmsThatHave, idsTaken, namesOf, titleIdOf } from '../catalogue/externalIds.js';
import { handleCommand } from '../handling/handleCommand.js';
import { underPlayId } from './playIds.js';
import type { CommandServices } from '../handling/services.js';

type Name = ClientViewingCommand['type'];

/** Undoing and taking away stay possible for a film that left the catalogue: the history is the person's. */
const alsoOfRemovedFilms: ReadonlySet<Name> = new Set<Name>([
  'AmendWatch',
  'RemoveWatch',
  'RestoreWatch',
  'RemoveRating',
  'RemoveReview',
  'RemoveFromFavorites',
  'RemoveFromWatchlist',
]);

/** Records a watch of a film named by its id, or by an external id that the catalogue may not know yet. */
export const recordWatch = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'RecordWatchEvent'>,
): Promise<CommandOutcome> => {
  const titleId = data.movieId ?? (await filmOf(services, call, data));
  const known = data.movieId !== undefined;
  const playId =
    data.playId ??
    (data.externalId === undefined
      ? call.newId('play')
      : derivedId(
          `play:${call.actor.userId}:${titleId}:${data.source ?? 'manual'}:${data.externalId}`,
        ));
  const record = () =>
    onViewing(services, call, 'RecordWatchEvent', data, {
      titleId,
      playId,
      id: playId,
      mustBeKnown: known,
    });
  return data.playId === undefined
    ? record()
    : underPlayId(services, call, { titleId, playId }, record);
};

/** A command on what a person has to do with a film that the catalogue knows, or that they have watched. */
export const onOwnMovie =
  <Type extends Exclude<Name, 'RecordWatchEvent'>>(type: Type) =>
  (
    services: CommandServices,
    call: CommandCall,
    data: CommandData<Type>,
  ): Promise<CommandOutcome> =>
    onViewing(services, call, type, data, {
      titleId: data.movieId,
      playId: call.newId('play'),
      id: 'playId' in data ? data.playId : data.movieId,
      mustBeKnown: true,
    });

/** What a command is about. */
interface About {
  readonly titleId: string;
  readonly playId: string;
  readonly id: string;
  readonly mustBeKnown: boolean;
}

/** The title turned out to be one with another id, under which everything is now. */
class TitleMoved extends Error {
  constructor(readonly into: string) {
    super(`moved to ${into}`);
  }
}

/** Ids that turned out to be one title, one after the other: more are only met while something is being moved back. */
const MOST_HOPS = 4;

const onItsWay = (): CommandRejected =>
  new CommandRejected({
    kind: 'contended',
    code: 'contended',
    message:
      'What was recorded of this film is being moved to another id of it. Try again in a moment.',
  });

/** On the title's stream; where everything was moved to another id of the title, there. */
const onViewing = async <Type extends Name>(
  services: CommandServices,
  call: CommandCall,
  type: Type,
  data: CommandData<Type>,
  about: About,
  hops = 0,
): Promise<CommandOutcome> => {
  try {
    return await onTitle(services, call, type, data, about);
  } catch (error) {
    if (!(error instanceof TitleMoved)) throw error;
    if (hops === MOST_HOPS) throw onItsWay();
    const { titleId, id } = about;
    const { into } = error;
    const moved = { ...about, titleId: into, id: id === titleId ? into : id };
    return onViewing(services, call, type, data, moved, hops + 1);
  }
};

const onTitle = <Type extends Name>(
  services: CommandServices,
  call: CommandCall,
  type: Type,
  data: CommandData<Type>,
  about: About,
): Promise<CommandOutcome> => {
  const { userId } = call.actor;
  const { titleId, playId, mustBeKnown, id } = about;
  return handleCommand<ViewingState, ViewingCommand, ViewingEvent>(services, call, {
    stream: viewingStream(userId, titleId),
    decider: viewingDecider,
    id,
    command: (load) => {
      const loading = Promise.all([
        load(movieStream(titleId), movieDecider),
        load(accountStream(userId), accountDecider),
      ]);
      loading.catch(() => undefined);
      return async ({ state, revision }) => {
        if (state.movedTo !== undefined) throw new TitleMoved(state.movedTo);
        const [{ state: movie }, { state: account }] = await loading;
        // What was watched before the catalogue knows it is the person's as any other film is (SEMANTICS D1.10).
        requireFilm(movie, type, mustBeKnown && revision === undefined);
        const context: ViewingContext = {
          now: call.now,
          userId,
          titleId,
          playId,
          ...personOf(account),
          ...(movie.status === 'absent' ? {} : { title: titleSnapshotOf(movie) }),
        };
        return { type, data, context } as ViewingCommand;
      };
    },
    creates: (events) => events.some((event) => event.type === 'MovieWatched'),
    idThere: (command, state) =>
      command.type === 'RecordWatchEvent' ? recordedPlayId(command, state) : id,
  });
};

const requireFilm = (movie: MovieState, type: Name, mustBeKnown: boolean): void => {
  if (movie.status === 'absent' && mustBeKnown) {
    throw new CommandRejected({
      kind: 'not-found',
      code: 'movie-not-found',
      message: 'There is no such film.',
    });
  }
  if (movie.status === 'removed' && !alsoOfRemovedFilms.has(type)) {
    throw new CommandRejected({
      kind: 'not-found',
      code: 'movie-removed',
      message: 'This film was removed from the catalogue.',
    });
  }
};

const personOf = (
  account: AccountState,
): Pick<ViewingContext, 'zone' | 'dayEndsAt' | 'removeWatchedFromWatchlist'> =>
  account.status === 'registered'
    ? {
        zone: account.zone,
        ...(account.preferences.dayEndsAt === undefined
          ? {}
          : { dayEndsAt: account.preferences.dayEndsAt }),
        removeWatchedFromWatchlist: account.preferences.removeWatchedFromWatchlist ?? false,
      }
    : { zone: DEFAULT_ZONE };

/**
 * The film that has one of the external ids, or the id that it will get when it is imported.
 * @throws {CommandRejected} when they are those of several films
 */
const filmOf = async (
  services: CommandServices,
  call: CommandCall,
  data: CommandData<'RecordWatchEvent'>,
): Promise<string> => {
  if (namesOf(data).length === 0) {
    throw new CommandRejected({
      kind: 'malformed',
      code: 'malformed',
      message: 'Say which film was watched.',
      errors: [{ field: 'movieId', message: 'is required, or one of tmdbId, imdbId, tvdbId' }],
    });
  }
  const held = await services.reservations.holders(namesOf(data));
  const holders = new Map([...held].map(([name, { owner }]) => [name, owner]));
  const films = await filmsThatHave(services, holders, call.signal);
  const [film, ...more] = new Set(films.values());
  if (film !== undefined && more.length > 0) throw idsTaken([...films.keys()], film);
  return film ?? (await titleIdOf(services, data)) ?? call.newId('movie');
};
