import type { EventStore } from '../commands/ports/eventStore.js';
import { createPaceMeter, type Pace } from './pace.js';
import { isUnderWay, type Build, type BuildStore } from './ports/builds.js';
import { pause } from '../commands/ports/waiting.js';

/** A build with the pace at which it gets on; its places count events, whatever positions are. */
export type WatchedBuild = Build & Pace;

/** Looks at the builds of all processes for as long as somebody watches, once for all who do. */
export interface BuildWatch {
  /**
   * The builds as they are now and whenever somebody looked again; the newest state alone where the reader is
   * slow. Ends when the signal aborts.
   */
  states(signal: AbortSignal): AsyncGenerator<readonly WatchedBuild[], void>;
}

const LOOK_MS = 250;

export const createBuildWatch = (
  builds: Pick<BuildStore, 'list'>,
  log: Pick<EventStore, 'ordinalsAt'>,
  { everyMs = LOOK_MS }: { readonly everyMs?: number } = {},
): BuildWatch => {
  let newest: readonly WatchedBuild[] = [];
  let looks = 0;
  const waiting = new Set<() => void>();
  let watchers = 0;

  const lookOn = async (ended: AbortSignal): Promise<void> => {
    const meters = new Map<bigint, ReturnType<typeof createPaceMeter>>();
    const goesOn = () => !ended.aborted;
    while (goesOn()) {
      // While the database is away nothing is seen; it is looked at again.
      const seen = await builds
        .list()
        .then((all) => inEvents(log, all))
        .catch(() => undefined);
      if (seen && goesOn()) {
        newest = seen.map((build) => paced(build, meters));
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

/** Builds with places that count events. */
export const inEvents = async <Some extends Build>(
  log: Pick<EventStore, 'ordinalsAt'>,
  builds: readonly Some[],
): Promise<readonly Some[]> => {
  const positions = builds.flatMap(({ position, target, checkpoint }) => [
    ...[position, target, checkpoint],
  ]);
  const ordinals = await log.ordinalsAt(positions);
  return builds.map((build, nth) => ({
    ...build,
    position: ordinals[3 * nth] ?? build.position,
    target: ordinals[3 * nth + 1] ?? build.target,
    checkpoint: ordinals[3 * nth + 2] ?? build.checkpoint,
  }));
};

const paced = (
  build: Build,
  meters: Map<bigint, ReturnType<typeof createPaceMeter>>,
): WatchedBuild => {
  if (!isUnderWay(build)) {
    meters.delete(build.id);
    return { ...build, rate: 0, secondsLeft: 0 };
  }
  const meter = meters.get(build.id) ?? createPaceMeter();
  meters.set(build.id, meter);
  return { ...build, ...meter(build, performance.now()) };
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
