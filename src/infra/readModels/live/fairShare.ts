import { setMaxListeners } from 'node:events';
import type { Logger } from 'pino';
import type { ProjectionEngine } from '../../../projections/engine/live/engine.js';
import type { Lease, ReadModelStore } from '../../../projections/ports/readModelStore.js';
import type { HeldLock } from '../../postgres/lockSession.js';
import type { ProjectorGroup } from './projectorGroup.js';
import { pause } from '../../../commands/ports/waiting.js';

/** How often it is asked how many there are; as often as a standby asks for the lease. */
const LOOK_MS = 500;
/**
 * A newcomer is given leases when it has been there for so long: what starts and fails, over and over, would take
 * and lose them as often.
 */
const SETTLED_MS = 2_000;

/** The part of the leases that one of several processes takes. */
export interface FairShare {
  /** Keeps read models as the store does, but takes no more leases than its share. */
  readonly store: ReadModelStore;
  /** From now on this process counts, and takes its share; before that it takes whatever is free. */
  join(): void;
  /** It counts until the store is closed. */
  leave(): void;
}

/** A lead that can be taken back from its worker. */
interface Held {
  readonly ceded: AbortController;
}

/**
 * Shares read models fairly between the processes that are there: of ten, two lead five each, three at most four.
 * Nobody decides that but each for itself. Who has more than its share gives the rest up, at the end of the batch
 * in hand; who has less takes what is free. When a process dies its leases are free, the share of the others
 * grows, and they take them. Between that nothing changes hands.
 */
export const createFairShare = (
  store: ReadModelStore & ProjectorGroup,
  options: {
    /** What is shared; leads of other names are not counted. */
    readonly names: readonly string[];
    readonly log: Pick<Logger, 'info'>;
    readonly lookMs?: number;
    readonly settledMs?: number;
  },
): FairShare => {
  const { names, log, lookMs = LOOK_MS, settledMs = SETTLED_MS } = options;
  const held = new Map<string, Held>();
  const leaving = new AbortController();
  let isIn = false;
  let membership: HeldLock | undefined;
  let share = names.length;
  /** Since when there has been more than the share. */
  let tooManySince: number | undefined;
  let turn: Promise<unknown> = Promise.resolve();

  const tryAcquire = async (name: string): Promise<Lease | undefined> => {
    if (held.size >= share) return undefined;
    const lease = await store.tryAcquire(name);
    if (!lease) return undefined;
    const ceded = new AbortController();
    const mine = { ceded };
    held.set(name, mine);
    const gone = (): void => {
      if (held.get(name) === mine) held.delete(name);
    };
    // Leases of one session end with it: as many listen as there are read models.
    setMaxListeners(0, lease.lost);
    lease.lost.addEventListener('abort', gone, { once: true });
    return {
      lost: AbortSignal.any([lease.lost, ceded.signal]),
      release: async () => {
        lease.lost.removeEventListener('abort', gone);
        try {
          await lease.release();
        } finally {
          gone();
        }
      },
    };
  };

  /** One after the other: of those who ask at the same time as many are let through as the share allows. */
  const inTurn = (name: string): Promise<Lease | undefined> => {
    const answer = turn.then(() => tryAcquire(name));
    turn = answer.catch(() => undefined);
    return answer;
  };

  const look = async (): Promise<void> => {
    if (membership === undefined || membership.lost.aborted) membership = await store.joinGroup();
    const size = Math.max(await store.groupSize(), 1);
    const now = Math.ceil(names.length / size);
    if (now !== share) {
      log.info({ projectors: size, share: now }, 'the read models are shared anew');
      share = now;
    }
    if (held.size <= share) {
      tooManySince = undefined;
      return;
    }
    tooManySince ??= performance.now();
    if (performance.now() - tooManySince < settledMs) return;
    // What was taken last has the least to lose: its worker has kept the fewest rows in memory.
    for (const { ceded } of [...held.values()].slice(share)) ceded.abort();
  };

  const keepLooking = async (): Promise<void> => {
    while (!leaving.signal.aborted) {
      // While the database is away everything stays as it is.
      await look().catch(() => undefined);
      await pause(lookMs, leaving.signal);
    }
  };

  return {
    store: {
      ...store,
      tryAcquire: (name) => (names.includes(name) ? inTurn(name) : store.tryAcquire(name)),
    },
    join: () => {
      if (isIn) return;
      isIn = true;
      void keepLooking();
    },
    leave: () => {
      leaving.abort();
    },
  };
};

/** An engine that counts among the others, and takes its share, from its start on. */
export const sharing = (engine: ProjectionEngine, share: FairShare): ProjectionEngine => ({
  ...engine,
  start: () => {
    share.join();
    engine.start();
  },
  stop: async () => {
    share.leave();
    await engine.stop();
  },
});
