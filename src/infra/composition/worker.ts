import type { Logger } from 'pino';
import { createRebuilder, type Rebuilder } from '../../projections/engine/rebuild/rebuilder.js';
import {
  createProjectionEngine,
  type ProjectionEngine,
} from '../../projections/engine/live/engine.js';
import { projections } from '../../projections/projections.js';
import type { LogPlace } from '../config/config.js';
import { poisonPolicies } from '../config/poisonPolicies.js';
import { withDomainEvents } from '../eventstore/domainEventStore.js';
import { keepMirror } from '../eventstore/mirror/mirroring.js';
import { mirrorFor } from '../eventstore/mirror/mirrorTable.js';
import { createPersonalKeys } from '../eventstore/privacy/personalKeys.js';
import { openDatabase } from '../postgres/database.js';
import { createRebuildSites } from '../readModels/rebuild/rebuildSite.js';
import { createRebuildStore } from '../readModels/rebuild/rebuildStore.js';
import { createParkedEvents } from '../readModels/parking/parkedEvents.js';
import { createReadModelStore } from '../readModels/live/readModelStore.js';
import { openEventLog, openEventStoreDbLog } from './storage.js';

/** Where the database and the log are, and how much of them is taken. */
interface BesideOptions {
  readonly connectionString: string;
  readonly connections: number;
  readonly log: LogPlace;
  /** `REELLOG_ON_POISON`. */
  readonly onPoison: string;
  readonly logger: Logger;
}

/** What a thread or process beside the service opens on a migrated database, to write read models. */
const openBeside = async (
  { connectionString, connections: maxConnections, log: place, logger }: BesideOptions,
  { lowPriority }: { readonly lowPriority: boolean },
) => {
  const database = openDatabase({ connectionString, maxConnections, lowPriority, logger });
  const log = await openEventLog(place, { database, logger, mirrorKeptBy: 'others' });
  const store = createReadModelStore(database);
  return {
    database,
    eventStore: withDomainEvents(log, { personalKeys: createPersonalKeys(database), logger }),
    store,
    parking: createParkedEvents(database),
    close: async () => {
      await log.close();
      await store.close();
      await database.close();
    },
  };
};

/** The read models' engine alone. */
export const openEngine = async (
  options: BesideOptions,
): Promise<{ readonly engine: ProjectionEngine; close(): Promise<void> }> => {
  const { eventStore, store, parking, close } = await openBeside(options, { lowPriority: false });
  const engine = createProjectionEngine({
    ...{ eventStore, store, projections, parking, log: options.logger },
    onPoison: poisonPolicies(options.onPoison),
  });
  return {
    engine,
    close: async () => {
      await engine.stop();
      await close();
    },
  };
};

/** What keeps the mirror of a log in EventStoreDB alone. */
export const openMirroring = async ({
  connectionString,
  connections: maxConnections,
  log: place,
  logger,
}: BesideOptions): Promise<{
  /** @param server the identity of the log; resolves when the signal aborts */
  keep(server: string, signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
}> => {
  const database = openDatabase({ connectionString, maxConnections, logger });
  const log = await openEventStoreDbLog(place, { logger });
  return {
    keep: async (server, signal) => {
      const mirror = await mirrorFor(database, server);
      await keepMirror({ database, log, mirror, logger, signal });
    },
    close: async () => {
      await log.close();
      await database.close();
    },
  };
};

/** The rebuilder of read models alone. */
export const openRebuilder = async (
  options: BesideOptions,
): Promise<{ readonly rebuilder: Rebuilder; close(): Promise<void> }> => {
  const { database, eventStore, store, parking, close } = await openBeside(options, {
    lowPriority: true,
  });
  const { logger: log } = options;
  return {
    rebuilder: createRebuilder({
      ...{ eventStore, store, projections, parking, log },
      rebuilds: createRebuildStore(database),
      sites: createRebuildSites(database),
    }),
    close,
  };
};
