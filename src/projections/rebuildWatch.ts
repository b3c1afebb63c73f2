import type { EventStore } from '../commands/ports/eventStore.js';
import { createPaceMeter, type Pace } from './pace.js';
import { isUnderWay, type Rebuild, type RebuildStore } from './ports/rebuildStore.js';
import { pause } from '../commands/ports/waiting.js';

/** A rebuild with the pace at which it gets on; its places count events, whatever positions are. */
export type WatchedRebuild = Rebuild & Pace;

/** Looks at the rebuilds of all processes for as long as somebody watches, once for all who do. */
export interface RebuildWatch {
  /**
   * The rebuilds as they are now and whenever somebody looked again; the newest state alone where the reader is
   * slow. Ends when the signal aborts.
   */
  states(signal: AbortSignal): AsyncGenerator<readonly WatchedRebuild[], void>;
}

const LOOK_MS = 250;

export const createRebuildWatch = (
  rebuilds: Pick<RebuildStore, 'list'>,
  log: Pick<EventStore, 'ordinalsAt'>,
  { everyMs = LOOK_MS }: { readonly everyMs?: number } = {},
): RebuildWatch => {
  let newest: readonly WatchedRebuild[] = [];
  let looks = 0;
  const waiting = new Set<() => void>();
  let watchers = 0;

  const lookOn = async (ended: AbortSignal): Promise<void> => {
    const meters = new Map<bigint, ReturnType<typeof createPaceMeter>>();
    const goesOn = () => !ended.aborted;
    while (goesOn()) {
      // While the database is away nothing is seen; it is looked at again.
      const seen = await rebuilds
        .list()
        .then((all) => inEvents(log, all))
        .catch(() => undefined);
      if (seen && goesOn()) {
        newest = seen.map((rebuild) => paced(rebuild, meters));
        looks += 1;
        for (const wake of [...waiting]) wake();
      }
      await pause(everyMs, ended);
    }
  };

  let looking = new AbortController();
  /** @returns how to leave, which may be said twice. */
  const join = (): (() => void) => {
    let joined = true;
    watchers += 1;
    if (watchers === 1) {
      looking = new AbortController();
      void lookOn(looking.signal);
    }
    return () => {
      if (joined) watchers -= 1;
      joined = false;
      if (watchers === 0) looking.abort();
    };
  };

  return {
    states: async function* (signal) {
      const left = () => signal.aborted;
      if (left()) return;
      let seen = looks;
      const leave = join();
      // A reader that left may never come back to be told of the end.
      signal.addEventListener('abort', leave, { once: true });
      try {
        while (!left()) {
          if (looks > seen) {
            seen = looks;
            yield newest;
          } else {
            await nextLook(waiting, signal);
          }
        }
      } finally {
        signal.removeEventListener('abort', leave);
        leave();
      }
    },
  };
};

/** Rebuilds with places that count events. */
export const inEvents = async <Some extends Rebuild>(
  log: Pick<EventStore, 'ordinalsAt'>,
  rebuilds: readonly Some[],
): Promise<readonly Some[]> => {
  const positions = rebuilds.flatMap(({ position, target, checkpoint }) => [
    ...[position, target, checkpoint],
  ]);
  const ordinals = await log.ordinalsAt(positions);
  return rebuilds.map((rebuild, nth) => ({
    ...rebuild,
    position: ordinals[3 * nth] ?? rebuild.position,
    target: ordinals[3 * nth + 1] ?? rebuild.target,
    checkpoint: ordinals[3 * nth + 2] ?? rebuild.checkpoint,
  }));
};

const paced = (
  rebuild: Rebuild,
  meters: Map<bigint, ReturnType<typeof createPaceMeter>>,
): WatchedRebuild => {
  if (!isUnderWay(rebuild)) {
    meters.delete(rebuild.id);
    return { ...rebuild, rate: 0, secondsLeft: 0 };
  }
  const meter = meters.get(rebuild.id) ?? createPaceMeter();
  meters.set(rebuild.id, meter);
  return { ...rebuild, ...meter(rebuild, performance.now()) };
};

const nextLook = (waiting: Set<() => void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const wake = () => {
      waiting.delete(wake);
      signal.removeEventListener('abort', wake);
      resolve();
    };
    waiting.add(wake);
    signal.addEventListener('abort', wake, { once: true });
  });
