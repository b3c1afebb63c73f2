import { createHash } from 'node:crypto';
import type { WatchedRebuild } from '../../../../projections/rebuildWatch.js';
import { isUnderWay, type Rebuild } from '../../../../projections/ports/rebuildStore.js';
import type { ServerSentEvent } from '../../route.js';
import { rebuildAnswer, watchedRebuildAnswer } from './rebuildAnswers.js';

type Told = ReturnType<typeof watchedRebuildAnswer>;

/** Nobody watched it yet. */
const still = (rebuild: Rebuild): WatchedRebuild => ({
  ...rebuild,
  rate: 0,
  ...(isUnderWay(rebuild) ? {} : { secondsLeft: 0 }),
});

/**
 * Tells of rebuilds whenever they have changed: `progress`, and `ended` when none of them is under way any more. Each
 * event tells the whole state, so that whoever missed some needs the newest alone.
 * @param now the rebuilds there are
 * @param states the same and how they get on
 * @returns `undefined` when the reader has been told of the end
 */
export const rebuildEvents = (
  now: readonly Rebuild[],
  states: () => AsyncIterable<readonly WatchedRebuild[]>,
  {
    only,
    lastEventId,
    data,
  }: {
    /** The id of the rebuild to tell of; default: all that are under way, and those that ended since `lastEventId`. */
    readonly only?: bigint;
    readonly lastEventId: string | undefined;
    readonly data: (rebuilds: readonly Told[]) => unknown;
  },
): AsyncIterable<ServerSentEvent> | undefined => {
  const followed = new Set<bigint>(only === undefined ? [] : [only]);
  const since = only === undefined ? sinceOf(lastEventId) : Infinity;
  for (const { id, updatedAt } of now) if (updatedAt.getTime() >= since) followed.add(id);

  const eventOf = (rebuilds: readonly WatchedRebuild[]): ServerSentEvent => {
    for (const rebuild of rebuilds) {
      if (only === undefined && isUnderWay(rebuild)) followed.add(rebuild.id);
    }
    const told = rebuilds.filter(({ id }) => followed.has(id));
    return {
      id: idOf(told, since),
      event: told.some(isUnderWay) ? 'progress' : 'ended',
      data: data(told.map(watchedRebuildAnswer)),
    };
  };
  const first = eventOf(now.map(still));
  if (first.event === 'ended' && first.id === lastEventId) return undefined;
  return changes(first, states, eventOf);
};

const changes = async function* (
  first: ServerSentEvent,
  states: () => AsyncIterable<readonly WatchedRebuild[]>,
  eventOf: (rebuilds: readonly WatchedRebuild[]) => ServerSentEvent,
): AsyncGenerator<ServerSentEvent, void> {
  yield first;
  if (first.event === 'ended') return;
  let last = JSON.stringify(first);
  for await (const rebuilds of states()) {
    const next = eventOf(rebuilds);
    const text = JSON.stringify(next);
    if (text === last) continue;
    last = text;
    yield next;
    if (next.event === 'ended') return;
  }
};

/** When the newest of the rebuilds changed, and how they were that changed then: what comes later is new. */
const idOf = (rebuilds: readonly Rebuild[], since: number): string => {
  const times = rebuilds.map(({ updatedAt }) => updatedAt.getTime());
  const newest = Math.max(...times, Number.isFinite(since) ? since : 0);
  const changed = rebuilds.filter(({ updatedAt }) => updatedAt.getTime() === newest);
  const hash = createHash('sha256').update(JSON.stringify(changed.map(rebuildAnswer)));
  return `${newest}-${hash.digest('base64url').slice(0, 8)}`;
};

/** Rebuilds that changed since are new to the reader; to one that had nothing yet, only those under way are told of. */
const sinceOf = (lastEventId: string | undefined): number => {
  const [, ms] = /^(\d{1,15})-[\w-]{8}$/.exec(lastEventId ?? '') ?? [];
  return ms === undefined ? Infinity : Number(ms);
};
