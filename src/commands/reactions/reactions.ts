import type { EventStore } from '../ports/eventStore.js';
import type { Reaction, ReactionLog, ReactionStore } from '../ports/reactions.js';
import { atMost, createBackOff, pause } from '../ports/waiting.js';

/** The reactions of this process. */
export interface Reactions {
  start(): void;
  /** Ends after the work in hand, or after some seconds without it: it will be done again. */
  stop(): Promise<void>;
}

/** How often a process that stands by asks for the lease. */
const STANDBY_MS = 500;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 10_000;
const STOP_MS = 5_000;
/** Events in one piece of work. */
const BATCH = 2_000;
/** When events come fast the next batch is let grow, at most so long. */
const GATHER_MS_PER_EVENT = 1;
const GATHER_MS = 100;
/** A checkpoint without work behind it is not worth a write for each batch. */
const IDLE_MOVE_MS = 5_000;

/**
 * Runs each reaction in one process at a time; the others stand by. What fails is tried again after growing waits,
 * for as long as the service runs.
 */
export const createReactions = (dependencies: {
  readonly eventStore: EventStore;
  readonly store: ReactionStore;
  readonly reactions: readonly Reaction[];
  readonly log: ReactionLog;
}): Reactions => {
  const { eventStore, store, reactions, log } = dependencies;
  const stopping = new AbortController();
  let running: readonly Promise<void>[] = [];

  const run = async (reaction: Reaction, signal: AbortSignal): Promise<void> => {
    const isOver = () => signal.aborted;
    const backOff = createBackOff(FIRST_RETRY_MS, LAST_RETRY_MS);
    while (!isOver()) {
      try {
        const lease = await store.tryAcquire(reaction.name);
        if (!lease) {
          await pause(STANDBY_MS, signal);
          continue;
        }
        try {
          await follow(reaction, AbortSignal.any([signal, lease.lost]), () => {
            backOff.reset();
          });
        } finally {
          // The session that held it may have ended, and the lease with it.
          await lease.release().catch(() => undefined);
        }
      } catch (error) {
        if (isOver()) return;
        const wait = backOff.next();
        log.error({ err: error, reaction: reaction.name, wait }, 'a reaction failed: trying again');
        await pause(wait, signal);
      }
    }
  };

  const follow = async (
    reaction: Reaction,
    signal: AbortSignal,
    progressed: () => void,
  ): Promise<void> => {
    const { name } = reaction;
    const identity = await eventStore.identify({ signal });
    const after = await begin(reaction, identity);
    log.info({ reaction: name, position: after }, 'a reaction follows the log');
    let moved = performance.now();
    let isBehind = true;
    const batches = eventStore.subscribeToAll({
      ...{ after, batchSize: BATCH, signal, filter: { types: reaction.takes } },
      onUnreadable: (event, error) => {
        log.error(
          { err: error, reaction: name, event },
          'a reaction leaves out an unreadable event',
        );
      },
    });
    for await (const { events, position, caughtUp } of batches) {
      if (events.length > 0) await reaction.react(events, signal);
      if (signal.aborted) return;
      if (events.length > 0 || performance.now() - moved > IDLE_MOVE_MS) {
        await store.moveTo(reaction, identity, position);
        moved = performance.now();
      }
      progressed();
      if (isBehind && caughtUp) {
        isBehind = false;
        log.info({ reaction: name, position }, 'a reaction has caught up with the log');
      }
      if (caughtUp) await pause(Math.min(events.length * GATHER_MS_PER_EVENT, GATHER_MS), signal);
    }
  };

  /** Where to go on: with the first event in another log, after another version, or in a log that lost its end. */
  const begin = async (reaction: Reaction, identity: string): Promise<bigint> => {
    const position = await store.position(reaction, identity);
    if (position !== undefined && position <= (await eventStore.headPosition())) return position;
    await reaction.forget();
    await store.moveTo(reaction, identity, 0n);
    return 0n;
  };

  return {
    start: () => {
      running = reactions.map((reaction) => run(reaction, stopping.signal));
    },
    stop: async () => {
      stopping.abort();
      await atMost(STOP_MS, Promise.all(running));
      await store.close();
    },
  };
};
