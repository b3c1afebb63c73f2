import { withDomainEvents } from '../../../src/infra/eventstore/domainEventStore.js';
import { createPersonalKeys } from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import { followChangeNotices } from '../../../src/infra/readModels/notices/changeNotices.js';
import { createParkedEvents } from '../../../src/infra/readModels/parking/parkedEvents.js';
import { createRebuildSites } from '../../../src/infra/readModels/rebuild/rebuildSite.js';
import { createRebuildStore } from '../../../src/infra/readModels/rebuild/rebuildStore.js';
import { createReadModelStore } from '../../../src/infra/readModels/live/readModelStore.js';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import {
  createProjectionEngine,
  type ProjectionEngine,
} from '../../../src/projections/engine/live/engine.js';
import { rebuilding, keepRebuilding } from '../../../src/projections/engine/rebuild/rebuilding.js';
import {
  createRebuilder,
  type Rebuilder,
} from '../../../src/projections/engine/rebuild/rebuilder.js';
import type { RebuildStore } from '../../../src/projections/ports/rebuildStore.js';
import type { ParkedEvents, PoisonPolicy } from '../../../src/projections/ports/parking.js';
import type { Projection } from '../../../src/projections/ports/projection.js';
import type { ReadModelStore } from '../../../src/projections/ports/readModelStore.js';
import type { EventLog } from '../../../src/infra/composition/storage.js';
import { openEventLog } from '../postgres/eventLog.js';
import { testLogger } from '../run/logger.js';
import { rebuild } from './rebuilding.js';

/** What one process of Reellog has open to run projections: connections of its own, as another process would. */
export interface ProjectionProcess {
  readonly database: Database;
  readonly eventStore: EventStore;
  /** What is behind it: takes events as they are. */
  readonly log: EventLog;
  readonly store: ReadModelStore;
  readonly parked: ParkedEvents;
  readonly engine: ProjectionEngine;
  readonly rebuilds: RebuildStore;
  readonly rebuilder: Rebuilder;
  /** Makes read models anew, beside those that are served, here. @throws unless they are served in the end */
  rebuild(names: readonly string[]): Promise<void>;
  close(): Promise<void>;
}

export const openProjectionProcess = async (
  connectionString: string,
  projections: readonly Projection[],
  options: {
    readonly pageSize?: number;
    /** Default: nothing is parked; what cannot be projected is tried for ever. */
    readonly onPoison?: (name: string) => PoisonPolicy;
  } = {},
): Promise<ProjectionProcess> => {
  const database = openDatabase({ connectionString, maxConnections: 5, logger: testLogger });
  const log = await openEventLog(database, connectionString);
  const eventStore = withDomainEvents(log, { personalKeys: createPersonalKeys(database) });
  const store = createReadModelStore(database);
  const parked = createParkedEvents(database);
  const unbuilt = createProjectionEngine({
    eventStore,
    store,
    projections,
    log: testLogger,
    ...(options.onPoison ? { parking: parked } : {}),
    ...options,
  });
  const rebuilds = createRebuildStore(database);
  const { pageSize } = options;
  const rebuilder = createRebuilder({
    ...{ eventStore, rebuilds, store, projections, log: testLogger },
    sites: createRebuildSites(database),
    parking: parked,
    ...(pageSize === undefined ? {} : { pageSize }),
  });
  const engine = rebuilding(unbuilt, () =>
    keepRebuilding({
      ...{ rebuilds, store, projections, log: testLogger },
      run: (signal) => rebuilder.run({ signal }),
    }),
  );
  const notices = followChangeNotices(database, testLogger);
  notices.follow({
    onNotice: (notice) => {
      if ('reset' in notice) engine.restart(notice.projection);
    },
    onGap: () => undefined,
  });
  return {
    database,
    eventStore,
    log,
    store,
    parked,
    engine,
    rebuilds,
    rebuilder,
    rebuild: (names) =>
      rebuild(
        { rebuilds, rebuilder },
        projections.filter(({ name }) => names.includes(name)),
      ),
    close: async () => {
      await engine.stop();
      await notices.close();
      await store.close();
      await log.close();
      await database.close();
    },
  };
};
