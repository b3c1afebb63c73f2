import type { Database } from '../../postgres/database.js';
import { LockSession } from '../../postgres/lockSession.js';
import type { EventStoreDbLog } from '../eventstoredb/eventStoreDbLog.js';
import { acquire, MIRROR_BATCH } from './mirroring.js';
import {
  mirrorBeside,
  mirrorFor,
  serveInstead,
  writeToMirror,
  type Mirror,
} from './mirrorTable.js';

/** A running Reellog keeps the mirror: it is not built again under it. */
export class MirrorInUse extends Error {
  override readonly name = 'MirrorInUse';
}

/**
 * Builds the mirror of a server's log again, beside the one that is there, which stays until the new one has caught
 * up. To whoever keeps positions of the log it is another log then.
 * @throws {MirrorInUse}
 */
export const mirrorAnew = async (options: {
  readonly database: Database;
  readonly log: EventStoreDbLog;
  readonly signal: AbortSignal;
  /** Told how many events there are. */
  readonly onProgress?: (events: number) => void;
}): Promise<{ readonly mirror: Mirror; readonly events: number }> => {
  const { database, log, signal, onProgress } = options;
  const serving = await mirrorFor(database, await log.identify({ signal }));
  const locks = new LockSession(database);
  try {
    const lease = await acquire(locks, serving);
    if (!lease) {
      throw new MirrorInUse(
        'A running Reellog keeps the mirror. Stop it first; nothing was changed.',
      );
    }
    const mirror = await mirrorBeside(database, serving);
    let ordinal = 0n;
    const stop = new AbortController();
    const either = AbortSignal.any([signal, lease.lost, stop.signal]);
    for await (const given of log.follow({ batchSize: MIRROR_BATCH, signal: either })) {
      if (given.events.length > 0 || given.reached) {
        ordinal = await writeToMirror(database, mirror, ordinal, given);
        onProgress?.(Number(ordinal));
      }
      if (given.live) stop.abort();
    }
    signal.throwIfAborted();
    lease.lost.throwIfAborted();
    await serveInstead(database, serving, mirror);
    return { mirror, events: Number(ordinal) };
  } finally {
    await locks.close();
  }
};
