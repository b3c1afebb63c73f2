import type { EventPlace, EventStore, LogBatch } from '../../../commands/ports/eventStore.js';
import type { ProjectionWorker } from './worker.js';
import { pause } from '../../../commands/ports/waiting.js';

interface Member {
  readonly worker: ProjectionWorker;
  readonly leave: (error?: unknown) => void;
}

/** Large batches cost less an event, and fold more changes of one row into one. */
const BATCH = 4_000;
/** When events come fast the next batch is let grow: so many milliseconds for each event in this one, at most. */
const GATHER_MS_PER_EVENT = 1;
const GATHER_EVENTS = 50;
const GATHER_MS = 200;
/** The others wait so long for one that is held up. */
const SLOW_MS = 1_000;

/**
 * One reader of the log that feeds every projection which is up to date, batch by batch, side by side. One
 * that fails or is held up leaves and catches up by itself; the others go on.
 */
export class Feed {
  readonly #eventStore: EventStore;
  readonly #members = new Set<Member>();
  #running: Promise<void> | undefined;
  #stop = new AbortController();

  constructor(eventStore: EventStore) {
    this.#eventStore = eventStore;
  }

  /**
   * Feeds the worker until the signal aborts or a batch takes too long (resolves), or cannot be applied
   * (rejects).
   */
  async follow(worker: ProjectionWorker, signal: AbortSignal): Promise<void> {
    let member: Member | undefined;
    let leave: (() => void) | undefined;
    try {
      await new Promise<void>((resolve, reject) => {
        member = {
          worker,
          leave: (error) => {
            if (error === undefined) resolve();
            // What a batch failed with is passed on as it is.
            else reject(error instanceof Error ? error : new Error('a batch could not be applied'));
          },
        };
        leave = () => {
          resolve();
        };
        signal.addEventListener('abort', leave, { once: true });
        if (signal.aborted) resolve();
        this.#members.add(member);
        this.#restart();
      });
    } finally {
      if (member) this.#members.delete(member);
      if (leave) signal.removeEventListener('abort', leave);
      if (this.#members.size === 0) this.#stop.abort();
    }
  }

  /** A new member may stand before the others: reading begins again at the last of them. */
  #restart(): void {
    this.#stop.abort();
    const stop = new AbortController();
    this.#stop = stop;
    this.#running = (this.#running ?? Promise.resolve()).then(() => this.#run(stop.signal));
  }

  async #run(signal: AbortSignal): Promise<void> {
    const isOver = () => signal.aborted;
    if (isOver() || this.#members.size === 0) return;
    const positions = [...this.#members].map(({ worker }) => worker.position);
    const after = positions.reduce((a, b) => (b < a ? b : a));
    const unreadable: EventPlace[] = [];
    try {
      const batches = this.#eventStore.subscribeToAll({
        ...{ after, batchSize: BATCH, signal },
        onUnreadable: (event) => unreadable.push(event),
      });
      for await (const batch of batches) {
        // Read before somebody joined who may stand before it: to them, what lies between would be lost.
        if (isOver()) return;
        // Told of before the batch that they would be in; whoever wants one of them may not go past it.
        const missing = unreadable.splice(0);
        const isFed = ({ worker }: Member) => !missing.some((event) => worker.wants(event));
        const members = [...this.#members];
        for (const member of members) if (!isFed(member)) member.leave();
        await Promise.all(members.filter(isFed).map((member) => give(batch, member)));
        if (batch.caughtUp && batch.events.length >= GATHER_EVENTS) {
          const wait = Math.min(batch.events.length * GATHER_MS_PER_EVENT, GATHER_MS);
          await pause(wait, signal);
        }
      }
    } catch (error) {
      // The log could not be read or decoded: everybody starts over, each with its own retries.
      for (const { leave } of [...this.#members]) leave(error);
    }
  }
}

/** Resolves when the batch is applied, or when the member has left instead. */
const give = async (batch: LogBatch, { worker, leave }: Member): Promise<void> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<void>((resolve) => {
    timer = setTimeout(() => {
      leave();
      resolve();
    }, SLOW_MS);
  });
  try {
    await Promise.race([worker.apply(batch), tooLong]);
  } catch (error) {
    leave(error);
  } finally {
    clearTimeout(timer);
  }
};
