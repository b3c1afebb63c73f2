import type { RebuildWatch, WatchedRebuild } from '../../../../projections/rebuildWatch.js';
import { isUnderWay, type Rebuild } from '../../../../projections/ports/rebuildStore.js';
import { Interrupted } from '../../exitCodes.js';
import type { RebuildBars } from './rebuildBars.js';
import { NotRebuilt } from './notRebuilt.js';
import { pause } from '../../../../commands/ports/waiting.js';

/** Between two looks whether what another process rebuilds has been left to us. */
const AGAIN_MS = 500;

/**
 * Works on rebuilds here, or looks on where another process does, until all of them have ended. What another
 * process leaves behind is gone on with here.
 * @param work rebuilds what nobody else rebuilds; resolves when it has ended
 * @throws {Interrupted} when the signal aborts
 * @throws {NotRebuilt} when some were cancelled or failed
 */
export const untilBuilt = async (
  rebuilds: readonly Rebuild[],
  options: {
    readonly work: (names: readonly string[], signal: AbortSignal) => Promise<void>;
    readonly watch: RebuildWatch;
    readonly bars: RebuildBars;
    readonly signal: AbortSignal;
  },
): Promise<readonly WatchedRebuild[]> => {
  const { work, watch, bars, signal } = options;
  for (const { name, led } of rebuilds) {
    if (led) bars.say(`Another process is rebuilding ${name}: this is how far it is.`);
  }
  const done = new AbortController();
  const either = AbortSignal.any([signal, done.signal]);
  let left = rebuilds.map(({ name }) => name);
  const working = (async () => {
    while (left.length > 0 && !either.aborted) {
      await work(left, either);
      await pause(AGAIN_MS, either);
    }
  })();
  // Its failure ends the looking on, too.
  working.catch(() => {
    done.abort();
  });
  let ended: readonly WatchedRebuild[] = [];
  try {
    const ids = new Set(rebuilds.map(({ id }) => id));
    for await (const state of watch.states(either)) {
      const ours = state.filter(({ id }) => ids.has(id));
      bars.show(ours);
      left = ours.filter(isUnderWay).map(({ name }) => name);
      if (left.length > 0) continue;
      ended = ours;
      break;
    }
  } finally {
    done.abort();
    bars.stop();
    await settled(working, signal, ended.length > 0);
  }
  requireServed(ended);
  return ended;
};

/** Stopping what works here is no failure of it. */
const settled = async (
  working: Promise<void>,
  signal: AbortSignal,
  allEnded: boolean,
): Promise<void> => {
  try {
    await working;
  } catch (error) {
    if (!allEnded && !signal.aborted) throw error;
  }
  if (signal.aborted && !allEnded) {
    throw new Interrupted(
      'Interrupted. The old rows go on serving. The rebuild goes on from its last checkpoint, by the service or when ' +
        'this command is given again; to give it up: --cancel.',
    );
  }
};

const requireServed = (rebuilds: readonly WatchedRebuild[]): void => {
  const whys = rebuilds.flatMap(({ name, state, error }) => {
    if (error !== undefined) return [`${name} could not be rebuilt: ${error}`];
    return state === 'cancelled' ? [`The rebuild of ${name} was cancelled.`] : [];
  });
  if (whys.length > 0) throw new NotRebuilt(whys.join('\n'));
};
