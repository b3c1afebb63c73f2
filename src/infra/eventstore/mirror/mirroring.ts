import type { Logger } from 'pino';
import { isEventStoreFailure } from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { LockSession, type HeldLock } from '../../postgres/lockSession.js';
import type { EventStoreDbLog } from '../eventstoredb/eventStoreDbLog.js';
import { asEventStoreError, isTooSlow } from '../eventstoredb/client/storeErrors.js';
import { createLiveNotes, type LiveNotes } from './liveNotes.js';
import {
  mirrorState,
  noteFault,
  writeToMirror,
  type Mirror,
  type MirrorState,
} from './mirrorTable.js';
import { whatIsGone } from './pastGone.js';
import { createBackOff, pause } from '../../../commands/ports/waiting.js';

/** The advisory locks of those who keep mirrors, apart from others in the database. */
const LOCK_SPACE = 72_373;
/** At most so many events are written in one commit. */
export const MIRROR_BATCH = 2_000;
/** How often a standby asks for the lease, and whoever found the past gone looks whether that has been decided. */
const STANDBY_MS = 500;
/** How often is told how far it is while it is mirrored first. */
const TELL_MS = 2_000;
/** Before subscribing again after a failure; the next attempts double it up to the last. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** Subscribing again is nothing to be warned of, until it has lasted so long. */
const WARN_AFTER_MS = 10_000;

/** What keeps a mirror. */
export interface MirroringOptions {
  readonly database: Database;
  readonly log: Pick<EventStoreDbLog, 'follow' | 'places' | 'identityNow'>;
  readonly mirror: Mirror;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/**
 * Keeps a mirror until the signal aborts: one process does, by lease, and the others stand by. Subscribes again
 * whenever the server drops the subscription, which is the normal course of things: servers keep 32 events for a live
 * one (22.6 to 23.10), and drop it at any burst.
 */
export const keepMirror = async (options: MirroringOptions): Promise<void> => {
  const { database, mirror, logger, signal } = options;
  const locks = new LockSession(database);
  const isAborted = () => signal.aborted;
  try {
    while (!isAborted()) {
      const lease = await acquire(locks, mirror).catch((error: unknown) => {
        logger.warn({ err: error }, 'cannot ask for the lease of the mirror: trying again');
        return undefined;
      });
      if (lease) {
        const holding = AbortSignal.any([signal, lease.lost]);
        const notes = createLiveNotes(database, mirror);
        // What was live when it was last kept is not known to be so now.
        await notes.unknown();
        await keepWhileLeased({ ...options, signal: holding }, notes);
        await notes.close();
        await lease.release().catch(() => undefined);
      }
      await pause(STANDBY_MS, signal);
    }
  } finally {
    await locks.close();
  }
};

/** The right to write to a mirror; whoever has it does so alone. */
export const acquire = (locks: LockSession, mirror: Mirror): Promise<HeldLock | undefined> =>
  locks.tryLock({ space: LOCK_SPACE, name: mirror.tables.schema });

/** Follows the server as long as the lease is held; ends where the past is gone, for an operator to decide. */
const keepWhileLeased = async (options: MirroringOptions, notes: LiveNotes): Promise<void> => {
  const { database, mirror, logger, signal } = options;
  const isAborted = () => signal.aborted;
  const backOff = createBackOff(FIRST_RETRY_MS, LAST_RETRY_MS);
  let failingSince: number | undefined;
  while (!isAborted()) {
    try {
      const state = await mirrorState(database, mirror);
      const gone = await whatIsGone(options, state);
      if (gone !== undefined) {
        if (state.fault === undefined) logger.error({ mirror: mirror.tables.schema }, gone);
        if (state.fault !== gone) await noteFault(database, mirror, gone);
        return;
      }
      // What was missing is there again: a server that had been restored, once more.
      if (state.fault !== undefined) await noteFault(database, mirror, null);
      await followOnce(options, state, notes, () => {
        backOff.reset();
        failingSince = undefined;
      });
    } catch (error) {
      if (isAborted()) return;
      const typed = asEventStoreError(error);
      failingSince ??= performance.now();
      const lasts = performance.now() - failingSince > WARN_AFTER_MS;
      const why = typed.message;
      if (isTooSlow(error)) {
        logger.debug({ why }, 'the server dropped the subscription: subscribing again');
        continue;
      }
      if (lasts || isEventStoreFailure(typed, 'access-denied')) {
        logger.warn({ why }, 'cannot follow EventStoreDB: subscribing again');
      } else {
        logger.info({ why }, 'EventStoreDB ended the subscription: subscribing again');
      }
      await notes.unknown();
      await backOff.wait(signal);
    }
  }
};

/** One subscription: what it gives is written while the next is coming. */
const followOnce = async (
  { database, log, mirror, logger, signal }: MirroringOptions,
  state: MirrorState,
  notes: LiveNotes,
  onProgress: () => void,
): Promise<void> => {
  let { ordinal } = state;
  let toldAt = performance.now();
  const following = log.follow({ after: state.reached, batchSize: MIRROR_BATCH, signal });
  for await (const given of following) {
    if (given.events.length > 0 || given.reached) {
      ordinal = await writeToMirror(database, mirror, ordinal, given);
    }
    onProgress();
    notes.is(given.live);
    if (!given.live && performance.now() - toldAt > TELL_MS) {
      toldAt = performance.now();
      // The first time it is waited for.
      const level = state.liveAt === undefined ? 'info' : 'debug';
      logger[level]({ events: `${ordinal}` }, 'mirroring EventStoreDB');
    }
  }
};
