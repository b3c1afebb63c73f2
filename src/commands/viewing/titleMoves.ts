import type { MovieState } from '../../domain/movie/movie.js';
import { viewingStream } from '../../domain/streams.js';
import type { PastViewing } from '../../domain/viewing/commands.js';
import type { ViewingEvent } from '../../domain/viewing/events.js';
import { viewingDecider } from '../../domain/viewing/viewing.js';
import type { CommandCall } from '../handling/call.js';
import type { CommandOutcome } from '../command.js';
import { idsOf, type ExternalIds } from '../catalogue/externalIds.js';
import { movieStateOf } from '../catalogue/movieState.js';
import type { Stray, Viewer } from '../ports/titleViewers.js';
import type { CommandServices } from '../handling/services.js';
import { learnTitleFacts, onViewing } from './titleFacts.js';

/**
 * Two ids turned out to be one title: what the person recorded under the one becomes the film's. First it goes away
 * there, then it is told once more here: in between it counts nowhere rather than twice. What a crash leaves in
 * between arrives when a reaction finds it.
 * @returns what was appended to the film's stream; `undefined` when it is not one title, or there was nothing to move
 */
export const moveViewing = async (
  services: CommandServices,
  call: CommandCall,
  { userId, titleId, filmId }: Stray,
): Promise<CommandOutcome | undefined> => {
  const past = await eventsOf(services, viewingStream(userId, titleId), call.signal);
  const [title, film] = await Promise.all(
    [titleId, filmId].map((id) => movieStateOf(services, id, call.signal)),
  );
  if (past.length === 0 || !title || !film) return undefined;
  if (!isOneTitle(titleId, title, film, past)) return undefined;
  await onViewing(services, call, { userId, titleId }, () => ({
    type: 'MoveViewing',
    data: { movieId: titleId, into: filmId, moveId: call.newId(`move:${userId}:${titleId}`) },
  }));
  return arriveViewing(services, call, { userId, titleId });
};

/** What was moved away from a title arrives at the other, and learns what is known of it; once. */
export const arriveViewing = async (
  services: CommandServices,
  call: CommandCall,
  { userId, titleId: from }: Viewer,
): Promise<CommandOutcome | undefined> => {
  const events = await eventsOf(services, viewingStream(userId, from), call.signal);
  const moves = events.flatMap(({ event }, at) => (event.type === 'ViewingMoved' ? at : []));
  const at = moves.pop();
  const move = at === undefined ? undefined : events[at]?.event;
  if (move?.type !== 'ViewingMoved') return undefined;
  const past = events.slice((moves.pop() ?? -1) + 1, at);
  const { moveId, movedTo: into } = move.data;
  const titleId = await placeNow(services, call, { userId, titleId: into }, { from, moveId });
  const adopted = await onViewing(services, call, { userId, titleId }, () => ({
    type: 'AdoptViewing',
    data: { movieId: titleId, from, moveId, past },
  }));
  const learnt = await learnTitleFacts(services, call, { userId, titleId });
  return learnt.appended > 0 ? learnt : adopted;
};

/** Where what was moved goes: the film may have been moved on itself before it arrived. */
const placeNow = async (
  services: CommandServices,
  call: CommandCall,
  { userId, titleId }: Viewer,
  { from, moveId }: { readonly from: string; readonly moveId: string },
): Promise<string> => {
  const stream = viewingStream(userId, titleId);
  const { state } = await services.streams.load(stream, viewingDecider, {
    signal: call.signal,
  });
  const { movedTo, adopted } = state;
  return movedTo === undefined || movedTo === from || adopted.has(moveId)
    ? titleId
    : placeNow(services, call, { userId, titleId: movedTo }, { from, moveId });
};

/**
 * Whether the film has a name of the title: that of a film which was removed, or of a title that the catalogue never
 * had, by its id or as this person called it.
 */
const isOneTitle = (
  titleId: string,
  title: MovieState,
  film: MovieState,
  past: readonly PastViewing[],
): boolean => {
  if (film.status !== 'live' || title.status === 'live') return false;
  const names = new Set(namesIn(film.details));
  return title.status === 'removed'
    ? namesIn(title.details).some((name) => names.has(name))
    : [
        titleId,
        ...past.flatMap(({ event }) =>
          event.type === 'MovieWatched' ? namesIn(event.data.externalIds ?? {}) : [],
        ),
      ].some((name) => names.has(name));
};

const namesIn = (ids: ExternalIds): readonly string[] =>
  Object.values(idsOf(ids)).filter((name) => name !== null);

/** Everything of a stream, with when it was recorded. */
const eventsOf = async (
  { eventStore }: CommandServices,
  stream: string,
  signal: AbortSignal | undefined,
): Promise<readonly PastViewing[]> => {
  const past: PastViewing[] = [];
  for (let from = 0n, more = true; more;) {
    const slice = await eventStore.readStream(stream, { from, ...(signal ? { signal } : {}) });
    for (const recorded of slice.events) {
      // The domain event store checked it.
      const event = { type: recorded.type, data: recorded.data } as ViewingEvent;
      past.push({ event, recordedAt: recorded.recordedAt.toISOString() });
      from = recorded.revision + 1n;
    }
    more = slice.hasMore;
  }
  return past;
};
