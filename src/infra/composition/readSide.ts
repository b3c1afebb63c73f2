import type { Logger } from 'pino';
import type { EventStore } from '../../commands/ports/eventStore.js';
import { createRebuildWatch, type RebuildWatch } from '../../projections/rebuildWatch.js';
import { createRebuilder, type Rebuilder } from '../../projections/engine/rebuild/rebuilder.js';
import { rebuilding, keepRebuilding } from '../../projections/engine/rebuild/rebuilding.js';
import {
  createProjectionEngine,
  type ProjectionEngine,
} from '../../projections/engine/live/engine.js';
import { createParkedActs, type ParkedActs } from '../../projections/engine/parking/parkedActs.js';
import type { RebuildStore } from '../../projections/ports/rebuildStore.js';
import type { EngineObserver } from '../../projections/ports/engineObserver.js';
import { projections } from '../../projections/projections.js';
import { createRebuilds, type Rebuilds } from '../../projections/rebuilds.js';
import { createAsOfQueries, type AsOfQueries } from '../../queries/serving/asOf.js';
import { ownersIn } from '../../queries/accounts/accounts.js';
import { filesOfSource, filmsThere } from '../../queries/catalogue/filmFiles.js';
import type { Facts } from '../../queries/ports/facts.js';
import { createQueries, type Queries } from '../../queries/queries.js';
import type { Config } from '../config/config.js';
import { poisonPolicies } from '../config/poisonPolicies.js';
import { openingOf } from '../eventstore/domainEventStore.js';
import { opening } from '../eventstore/pastEvents.js';
import type { CatalogueShown } from '../imports/knownCatalogue.js';
import type { PersonalKeys } from '../eventstore/privacy/personalKeys.js';
import type { LogTables } from '../eventstore/postgres/logTables.js';
import { postgresPastEvents } from '../eventstore/postgres/reads/pastEvents.js';
import type { Database } from '../postgres/database.js';
import { LOCK_ANSWER_MS } from '../postgres/lockSession.js';
import { createRebuildSites } from '../readModels/rebuild/rebuildSite.js';
import { rebuildInThread } from '../readModels/rebuild/rebuilderThread.js';
import { createRebuildStore } from '../readModels/rebuild/rebuildStore.js';
import { followChangeNotices } from '../readModels/notices/changeNotices.js';
import { createFairShare, sharing } from '../readModels/live/fairShare.js';
import { createParkedEvents } from '../readModels/parking/parkedEvents.js';
import { createPastReadModels } from '../readModels/scratch/pastReadModels.js';
import { createReadModelStore } from '../readModels/live/readModelStore.js';
import { createReplay, type Replay } from '../readModels/scratch/replay.js';
import { createServedReadModels } from '../readModels/live/servedReadModels.js';

/** What is read: the read models, what keeps them, and what asks them. */
export interface ReadSide {
  readonly queries: Queries;
  readonly asOf: AsOfQueries;
  readonly replay: Replay;
  /** The owners, when the read model of accounts has reached a position; `undefined` where it does not in time. */
  readonly ownersShown: (upTo: bigint) => Promise<readonly string[] | undefined>;
  /** What of films and their files the read model of the catalogue shows. */
  readonly catalogueShown: CatalogueShown;
  readonly engine: ProjectionEngine;
  readonly rebuildStore: RebuildStore;
  /** Makes read models anew, in a thread unless it was opened otherwise. */
  readonly rebuilder: Rebuilder;
  readonly rebuilds: Rebuilds;
  readonly rebuildWatch: RebuildWatch;
  readonly parked: ParkedActs;
  /** Waits until all read models have tables; on a first start that is a moment after `engine.start()`. */
  made(signal: AbortSignal): Promise<void>;
  /** Finishes the pages in hand; then nothing is answered any more. */
  close(): Promise<void>;
}

/** The rebuilder's, beside a session for each read model that it rebuilds. */
const THREAD_CONNECTIONS = 4;
/** How long a command waits to be told who the owners are, in milliseconds. */
const OWNERS_MS = 2_000;
/** How long an import waits at a time for the catalogue to show what there is, in milliseconds. */
const FILES_MS = 2_000;

/** Puts the read models together; nothing is projected until `engine.start()`. */
export const createReadSide = (options: {
  readonly config: Config;
  readonly database: Database;
  /** Where that database is, for the rebuilder's thread. */
  readonly connectionString: string;
  readonly eventStore: EventStore;
  /** Where that is read from. */
  readonly logTables: LogTables;
  readonly personalKeys: PersonalKeys;
  readonly logger: Logger;
  /** See `OpenOptions`. */
  readonly rebuildIn?: 'thread' | 'process' | undefined;
  readonly observer?: EngineObserver | undefined;
  /** What others than the log know. */
  readonly facts?: Facts | undefined;
  /** Told of the keys whose answers changed, in whatever process. */
  readonly changed: (keys: readonly string[]) => void;
}): ReadSide => {
  const { config, database, connectionString, eventStore, logTables, personalKeys, logger } =
    options;
  const { observer, facts, changed } = options;
  const notices = followChangeNotices(database, logger);
  const readModels = createServedReadModels(database);
  // Before the cache hears of it: what is read from then on is read there.
  const unfollowPlaces = notices.follow({
    onNotice: (notice) => {
      if ('schema' in notice) readModels.serves(notice.projection, notice.schema);
    },
    onGap: () => undefined,
  });
  const queries = createQueries({
    log: eventStore,
    readModels,
    notices,
    ...(facts ? { facts } : {}),
    cache: { entries: config.cacheEntries, ttlMs: config.cacheSeconds * 1000 },
  });
  const pastEvents = opening(postgresPastEvents(database, logTables), openingOf(personalKeys));
  const replaying = { database, eventStore, pastEvents, projections };
  const asOf = createAsOfQueries({
    past: createPastReadModels({ ...replaying, readModels }),
    limitMs: config.answerSeconds * 1_000,
  });
  const store = createReadModelStore(database, {
    leaseAnswerMs: Math.min(LOCK_ANSWER_MS, config.answerSeconds * 1_000),
  });
  const parkedEvents = createParkedEvents(database);
  const names = projections.map(({ name }) => name);
  const share = createFairShare(store, { names, log: logger });
  const unshared = createProjectionEngine({
    eventStore,
    store: share.store,
    projections,
    parking: parkedEvents,
    onPoison: poisonPolicies(config.onPoison),
    log: logger,
    ...(observer ? { observer } : {}),
    serves: (name, schema) => {
      readModels.serves(name, schema);
    },
    reached: (name, position, keys) => {
      queries.reached(name, position, keys);
      changed(keys);
    },
  });
  const shared = sharing(unshared, share);
  const rebuildStore = createRebuildStore(database);
  const here = createRebuilder({
    ...{ eventStore, rebuilds: rebuildStore, store, projections, log: logger },
    parking: parkedEvents,
    sites: createRebuildSites(database),
  });
  const inThread: Rebuilder = {
    run: ({ signal, names: some }) =>
      rebuildInThread(
        {
          ...{ connectionString, connections: THREAD_CONNECTIONS, log: config },
          ...{ onPoison: config.onPoison, logLevel: config.logLevel },
          ...(some ? { names: some } : {}),
        },
        signal,
      ),
  };
  const rebuilder = options.rebuildIn === 'process' ? here : inThread;
  const engine = rebuilding(shared, () =>
    keepRebuilding({
      ...{ rebuilds: rebuildStore, store, projections, log: logger },
      run: (signal) => rebuilder.run({ signal }),
    }),
  );
  const unfollow = notices.follow({
    onNotice: (notice) => {
      if ('reset' in notice) engine.restart(notice.projection);
      else changed(notice.keys);
    },
    onGap: () => undefined,
  });
  const rebuilds = createRebuilds(rebuildStore, eventStore, projections);
  const rebuildWatch = createRebuildWatch(rebuildStore, eventStore);
  const parked = createParkedActs({ eventStore, parked: parkedEvents, projections });
  return {
    ...{ queries, asOf, replay: createReplay(replaying) },
    ownersShown: async (upTo) =>
      (await queries.shown(['accounts'], upTo, OWNERS_MS)) ? ownersIn(readModels.now()) : undefined,
    catalogueShown: {
      filesShown: async (source, upTo) =>
        (await queries.shown(['catalogue'], upTo, FILES_MS))
          ? filesOfSource(readModels.now(), source)
          : undefined,
      filmsThere: (movieIds) => filmsThere(readModels.now(), movieIds),
    },
    ...{ engine, rebuildStore, rebuilder, rebuilds, rebuildWatch, parked },
    made: (signal) => readModels.made(names, signal),
    close: async () => {
      await engine.stop();
      unfollow();
      unfollowPlaces();
      queries.close();
      await notices.close();
      await store.close();
    },
  };
};
