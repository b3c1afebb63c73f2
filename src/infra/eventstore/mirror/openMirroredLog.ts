import type { Logger } from 'pino';
import type { Database } from '../../postgres/database.js';
import type { EventStoreDbLog } from '../eventstoredb/eventStoreDbLog.js';
import { createMirroredEventStore, type MirroredEventStore } from './mirroredEventStore.js';
import { keepMirror } from './mirroring.js';
import { mirrorFor } from './mirrorTable.js';
import type { Keeping } from './mirrorThread.js';
import { requirePast, requireSameLog } from './pastGone.js';

/** What a mirrored log is opened with. */
export interface OpenMirroredOptions {
  readonly database: Database;
  readonly log: EventStoreDbLog;
  readonly logger: Logger;
  /**
   * Who keeps the mirror: something started for the log with this identity, this process itself, or only others. It
   * is waited for but in the last case.
   */
  readonly keptBy: ((server: string) => Keeping) | 'this' | 'others';
  /** Opens it also where the server has lost a part of its past. */
  readonly evenIfGone?: boolean | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Opens a log in EventStoreDB with its mirror, which has caught up and has been held against the server by then.
 * @throws {EventStoreError} `access-denied`, `unavailable`, `past-gone`, `aborted`
 */
export const openMirroredLog = async ({
  database,
  log,
  logger,
  keptBy,
  evenIfGone,
  signal,
}: OpenMirroredOptions): Promise<MirroredEventStore> => {
  try {
    const server = await log.identify(signal ? { signal } : {});
    // Whoever may not read all of the log hears of it here.
    await log.places.last(signal);
    if (keptBy !== 'others' && evenIfGone !== true) await requireSameLog(database, server);
    const mirror = await mirrorFor(database, server);
    if (keptBy !== 'others' && evenIfGone !== true) {
      await requirePast(database, { log, mirror, signal });
    }
    const store = await createMirroredEventStore({ database, log, mirror, logger, evenIfGone });
    if (keptBy === 'others') return store;
    const keeping =
      keptBy === 'this' ? keepHere({ database, log, mirror, logger }) : keptBy(server);
    const close = async (): Promise<void> => {
      await keeping.stop();
      await store.close();
    };
    try {
      await store.ready(signal);
    } catch (error) {
      await close();
      throw error;
    }
    return { ...store, close };
  } catch (error) {
    await log.close();
    throw error;
  }
};

const keepHere = (options: Omit<Parameters<typeof keepMirror>[0], 'signal'>): Keeping => {
  const stopping = new AbortController();
  const kept = keepMirror({ ...options, signal: stopping.signal });
  return {
    stop: async () => {
      stopping.abort();
      await kept;
    },
  };
};
