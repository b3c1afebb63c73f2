import type { Logger } from 'pino';
import type { MediaManager } from '../../commands/ports/mediaManager.js';
import { ProviderFailure, type MovieProvider } from '../../commands/ports/movieProvider.js';
import type { Config } from '../config/config.js';
import { importLibrary } from '../imports/importLibrary.js';
import { createLibraryImports, IMPORT_LOCKS } from '../imports/libraryImports.js';
import type { Outgoing, OutgoingObserver } from '../outgoing/outgoing.js';
import { LockSession } from '../postgres/lockSession.js';
import type { ForBackgroundWork, WorkPart } from './workPart.js';

/** Commands of an import under way at once, beside those of people. */
const AT_ONCE = 32;
/** The largest library takes no longer. */
const IMPORT_MS = 3_600_000;
const PROGRESS_MS = 1_000;

/** A Radarr that may be asked until it is closed. */
export interface OpenRadarr {
  readonly provider: MovieProvider & MediaManager;
  readonly outgoing: Outgoing;
}

/**
 * @param about what it is asked for: the whole of a library takes it longer
 * @returns `undefined` where no Radarr is configured; nothing of it is loaded then
 */
export const openRadarr = async (
  { radarrUrl: baseUrl, radarrKey: key, metadataLanguage }: Config,
  about: 'films' | 'library',
  observed: { readonly logger: Logger; readonly observer?: OutgoingObserver | undefined },
): Promise<OpenRadarr | undefined> => {
  if (baseUrl === undefined || key === undefined) return undefined;
  const [{ createOutgoing }, { createRadarr, radarrProvider }] = await Promise.all([
    import('../outgoing/outgoing.js'),
    import('../metadata/radarr/radarr.js'),
  ]);
  const outgoing = createOutgoing(radarrProvider({ baseUrl, key }, about), observed);
  const country = metadataLanguage.split('-')[1] ?? '';
  return { provider: createRadarr(outgoing, { country }), outgoing };
};

/** What does the imports from Radarr that are asked for. */
export const openRadarrImports = async ({
  config,
  database,
  commands,
  catalogue,
  logger,
  observer,
}: ForBackgroundWork): Promise<WorkPart | undefined> => {
  const opened = await openRadarr(config, 'library', { logger, observer });
  if (!opened) return undefined;
  const { provider: manager, outgoing } = opened;
  const { task } = await import('../jobs/queue/task.js');
  const imports = createLibraryImports(database);
  const locks = new LockSession(database);

  const work = async (id: bigint, signal: AbortSignal): Promise<string> => {
    const requested = await imports.begin(id);
    if (!requested) return 'ended';
    let toldAt = 0;
    try {
      const { position: _, ...summary } = await importLibrary({
        ...{ execute: commands.execute, manager, catalogue, signal },
        ...{ libraryId: requested.libraryId, atOnce: AT_ONCE },
        onProgress: (done, total) => {
          if (performance.now() - toldAt < PROGRESS_MS) return;
          toldAt = performance.now();
          imports.progress(id, done, total).catch((error: unknown) => {
            logger.debug({ err: error }, 'the progress of an import could not be written down');
          });
        },
      });
      await imports.end(id, { summary });
      logger.info({ source: manager.source, summary }, 'a library was imported');
      return 'done';
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      if (error instanceof ProviderFailure && error.fault !== 'unavailable') {
        await imports.end(id, { error: message });
        return 'failed';
      }
      await imports.postpone(id, message);
      throw error;
    }
  };

  return {
    reactions: () => [],
    tasks: [
      task(
        'import-library',
        async ({ importId }, signal) => {
          const lock = await locks.tryLock({ space: IMPORT_LOCKS, name: manager.source });
          if (!lock) throw new Error(`An import from ${manager.source} is under way.`);
          try {
            return await work(BigInt(importId), AbortSignal.any([signal, lock.lost]));
          } finally {
            // The session that held it may have ended, and the lock with it.
            await lock.release().catch(() => undefined);
          }
        },
        { limitMs: IMPORT_MS },
      ),
    ],
    close: async () => {
      await locks.close();
      await outgoing.close();
    },
  };
};
