import { createHash } from 'node:crypto';
import type { WatchedBuild } from '../../../projections/buildWatch.js';
import { isUnderWay, type Build } from '../../../projections/ports/builds.js';
import type { ServerSentEvent } from '../route.js';
import { rebuildOf, watchedRebuildOf } from './rebuildAnswers.js';

type Told = ReturnType<typeof watchedRebuildOf>;

/** Nobody watched it yet. */
const still = (build: Build): WatchedBuild => ({
  ...build,
  rate: 0,
  ...(isUnderWay(build) ? {} : { secondsLeft: 0 }),
});

/**
 * Tells of builds whenever they have changed: `progress`, and `ended` when none of them is under way any more. Each
 * event tells the whole state, so that whoever missed some needs the newest alone.
 * @param now the builds there are
 * @param states the same and how they get on
 * @returns `undefined` when the reader has been told of the end
 */
export const rebuildEvents = (
  now: readonly Build[],
  states: () => AsyncIterable<readonly WatchedBuild[]>,
  {
    only,
    lastEventId,
    data,
  }: {
    /** The id of the build to tell of; default: all that are under way, and those that ended since `lastEventId`. */
    readonly only?: bigint;
    readonly lastEventId: string | undefined;
    readonly data: (rebuilds: readonly Told[]) => unknown;
  },
): AsyncIterable<ServerSentEvent> | undefined => {
  const followed = new Set<bigint>(only === undefined ? [] : [only]);
  const since = only === undefined ? sinceOf(lastEventId) : Infinity;
  for (const { id, updatedAt } of now) if (updatedAt.getTime() >= since) followed.add(id);

  const eventOf = (builds: readonly WatchedBuild[]): ServerSentEvent => {
    for (const build of builds) {
      if (only === undefined && isUnderWay(build)) followed.add(build.id);
    }
    const told = builds.filter(({ id }) => followed.has(id));
    return {
      id: idOf(told, since),
      event: told.some(isUnderWay) ? 'progress' : 'ended',
      data: data(told.map(watchedRebuildOf)),
    };
  };
  const first = eventOf(now.map(still));
  if (first.event === 'ended' && first.id === lastEventId) return undefined;
  return changes(first, states, eventOf);
};

const changes = async function* (
  first: ServerSentEvent,
  states: () => AsyncIterable<readonly WatchedBuild[]>,
  eventOf: (builds: readonly WatchedBuild[]) => ServerSentEvent,
): AsyncGenerator<ServerSentEvent, void> {
  yield first;
  if (first.event === 'ended') return;
  let last = JSON.stringify(first);
  for await (const builds of states()) {
    const next = eventOf(builds);
    const text = JSON.stringify(next);
    if (text === last) continue;
    last = text;
    yield next;
    if (next.event === 'ended') return;
  }
};

/** When the newest of the builds changed, and how they were that changed then: what comes later is new. */
const idOf = (builds: readonly Build[], since: number): string => {
  const times = builds.map(({ updatedAt }) => updatedAt.getTime());
  const newest = Math.max(...times, Number.isFinite(since) ? since : 0);
  const changed = builds.filter(({ updatedAt }) => updatedAt.getTime() === newest);
  const hash = createHash('sha256').update(JSON.stringify(changed.map(rebuildOf)));
  return `${newest}-${hash.digest('base64url').slice(0, 8)}`;
};

/** Builds that changed since are new to the reader; to one that had nothing yet, only those under way are told of. */
const sinceOf = (lastEventId: string | undefined): number => {
  const [, ms] = /^(\d{1,15})-[\w-]{8}$/.exec(lastEventId ?? '') ?? [];
  return ms === undefined ? Infinity : Number(ms);
};
