import { withDomainEvents } from '../../src/infra/eventstore/domainEventStore.js';
import { createPersonalKeys } from '../../src/infra/eventstore/personalKeys.js';
import { openDatabase, type Database } from '../../src/infra/postgres/database.js';
import { followChangeNotices } from '../../src/infra/projections/changeNotices.js';
import { createParkedEvents } from '../../src/infra/projections/parkedEvents.js';
import { createReadModelStore } from '../../src/infra/projections/readModelStore.js';
import type { EventStore } from '../../src/commands/ports/eventStore.js';
import {
  createProjectionEngine,
  type ProjectionEngine,
} from '../../src/projections/engine/engine.js';
import type { ParkedEvents, PoisonPolicy } from '../../src/projections/ports/parking.js';
import type { Projection } from '../../src/projections/ports/projection.js';
import type { ReadModelStore } from '../../src/projections/ports/readModelStore.js';
import { openEventLog } from './eventLog.js';
import { testLogger } from './logger.js';

/** What one process of Reellog has open to run projections: connections of its own, as another process would. */
export interface ProjectionProcess {
  readonly database: Database;
  readonly eventStore: EventStore;
  /** What is behind it: takes events as they are. */
  readonly log: EventStore;
  readonly store: ReadModelStore;
  readonly parked: ParkedEvents;
  readonly engine: ProjectionEngine;
  close(): Promise<void>;
}

export const openProjectionProcess = (
  connectionString: string,
  projections: readonly Projection[],
  options: {
    readonly pageSize?: number;
    /** Default: nothing is parked; what cannot be projected is tried for ever. */
    readonly onPoison?: (name: string) => PoisonPolicy;
  } = {},
): ProjectionProcess => {
  const database = openDatabase({ connectionString, maxConnections: 5, logger: testLogger });
  const log = openEventLog(database, connectionString);
  const eventStore = withDomainEvents(log, { personalKeys: createPersonalKeys(database) });
  const store = createReadModelStore(database);
  const parked = createParkedEvents(database);
  const engine = createProjectionEngine({
    eventStore,
    store,
    projections,
    log: testLogger,
    ...(options.onPoison ? { parking: parked } : {}),
    ...options,
  });
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
    close: async () => {
      await engine.stop();
      await notices.close();
      await store.close();
      await log.close();
      await database.close();
    },
  };
};
