import type { EngineLog } from '../../ports/engineLog.js';
import type { ProjectionEngine } from '../live/engine.js';
import {
  CannotRollBack,
  type Rebuild,
  type RebuildStore,
  type WantedRebuild,
} from '../../ports/rebuildStore.js';
import type { Projection } from '../../ports/projection.js';
import type { ReadModelStore } from '../../ports/readModelStore.js';
import { createBackOff, pause } from '../../../commands/ports/waiting.js';

/** Works on rebuilds for as long as the process runs. */
export interface Rebuilding {
  /** Stops the rebuilder; what it has in hand is gone on with by the next. */
  close(): Promise<void>;
}

/** Rebuilds that nobody works on are looked for as often, beside what is heard of them. */
const LOOK_MS = 5_000;
const FIRST_RETRY_MS = 200;
const LAST_RETRY_MS = 10_000;

/**
 * Works on whatever is asked for in any process, and on what an interruption left, as soon as nobody else does.
 * At first it asks itself for the read models whose rows are of another version than the code: they are served
 * as they are until the new ones are there.
 */
export const keepRebuilding = (dependencies: {
  readonly rebuilds: RebuildStore;
  readonly store: Pick<ReadModelStore, 'checkpoints'>;
  readonly projections: readonly Projection[];
  /** Works on the rebuilds that are under way; see `Rebuilder.run`. */
  readonly run: (signal: AbortSignal) => Promise<void>;
  readonly log: EngineLog;
}): Rebuilding => {
  const { rebuilds, run, log } = dependencies;
  const closing = new AbortController();
  const { signal } = closing;
  let woken = new AbortController();
  const wake = (): void => {
    woken.abort();
  };
  const following = rebuilds.follow(wake);

  const isOver = () => signal.aborted;
  const work = async (): Promise<void> => {
    let asked = false;
    const backOff = createBackOff(FIRST_RETRY_MS, LAST_RETRY_MS);
    while (!isOver()) {
      woken = new AbortController();
      try {
        asked ||= await askForOutdated(dependencies);
        const underWay = await rebuilds.underWay();
        if (underWay.some(({ led }) => !led)) await run(signal);
        backOff.reset();
        await pause(LOOK_MS, AbortSignal.any([signal, woken.signal]));
      } catch (error) {
        if (isOver()) return;
        log.error({ err: error }, 'read models could not be built anew: trying again');
        await backOff.wait(signal);
      }
    }
  };
  const working = work();
  return {
    close: async () => {
      closing.abort();
      await working;
      await following.close();
    },
  };
};

/**
 * Rows of another log, which are of no version, are made anew by their worker: they must not be served.
 * @returns whether all was asked for; a rebuild of another version, in hand somewhere, has to end before
 */
const askForOutdated = async ({
  rebuilds,
  store,
  projections,
}: {
  readonly rebuilds: RebuildStore;
  readonly store: Pick<ReadModelStore, 'checkpoints'>;
  readonly projections: readonly Projection[];
}): Promise<boolean> => {
  const checkpoints = await store.checkpoints();
  const outdated = projections.filter(({ name, version }) => {
    const served = checkpoints.find((checkpoint) => checkpoint.name === name)?.version;
    return served !== undefined && served !== 0 && served !== version;
  });
  const underWay = new Set((await rebuilds.underWay()).map(({ name }) => name));
  const asked: Rebuild[] = [];
  for (const { name, version } of outdated) {
    const wanted = { name, version };
    const before = underWay.has(name) ? undefined : await rolledBack(rebuilds, wanted);
    asked.push(
      ...(before ? [before] : await rebuilds.request([wanted], { requestedBy: REQUESTED_BY })),
    );
  }
  return asked.every(({ cancelRequested }) => !cancelRequested);
};

/** A deployment that was taken back finds the rows of before where they were, unless they were dropped. */
const rolledBack = async (
  rebuilds: RebuildStore,
  wanted: WantedRebuild,
): Promise<Rebuild | undefined> => {
  try {
    return await rebuilds.rollBack(wanted, { requestedBy: REQUESTED_BY });
  } catch (error) {
    if (error instanceof CannotRollBack) return undefined;
    throw error;
  }
};

const REQUESTED_BY = 'the start of another version';

/** The engine, with rebuilds being worked on from its start to its stop. */
export const rebuilding = (engine: ProjectionEngine, keep: () => Rebuilding): ProjectionEngine => {
  let kept: Rebuilding | undefined;
  return {
    ...engine,
    start: () => {
      engine.start();
      kept ??= keep();
    },
    stop: async () => {
      await kept?.close();
      await engine.stop();
    },
  };
};
