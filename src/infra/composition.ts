import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Express, RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { ExecuteCommand } from '../commands/command.js';
import { createCommands } from '../commands/commands.js';
import type { EventStore } from '../commands/ports/eventStore.js';
import { createBuildWatch, type BuildWatch } from '../projections/buildWatch.js';
import { createBuilder, type Builder } from '../projections/engine/builder.js';
import { building, keepBuilding } from '../projections/engine/building.js';
import { createProjectionEngine, type ProjectionEngine } from '../projections/engine/engine.js';
import { createParkedActs, type ParkedActs } from '../projections/engine/parkedActs.js';
import { projections } from '../projections/projections.js';
import { createRebuilds, type Rebuilds } from '../projections/rebuilds.js';
import { createAsOfQueries, type AsOfQueries } from '../queries/asOf.js';
import { createQueries, type Queries } from '../queries/queries.js';
import { createApiTokens, type ApiTokens } from './auth/apiTokens.js';
import { ensureOwner, firstToken } from './auth/owner.js';
import { createSignIn } from './auth/signedIn.js';
import { createCommandReceipts } from './commands/commandReceipts.js';
import { createReservations } from './commands/reservations.js';
import type { Config, LogPlace } from './config/config.js';
import { poisonPolicies } from './config/poisonPolicies.js';
import { openingOf, withDomainEvents } from './eventstore/domainEventStore.js';
import type { EventStoreDbEventStore } from './eventstore/eventstoredb/eventStoreDbEventStore.js';
import { withHashChain } from './eventstore/hashChain.js';
import { withLoggedAppends } from './eventstore/loggedAppends.js';
import { opening, pastEventsOf } from './eventstore/pastEvents.js';
import { createPersonalKeys, type PersonalKeys } from './eventstore/personalKeys.js';
import { postgresPastEvents } from './eventstore/postgres/pastEvents.js';
import { createPostgresEventStore } from './eventstore/postgres/postgresEventStore.js';
import type { CommitObserver } from './eventstore/postgres/groupCommit.js';
import { createHttpApp } from './http/app.js';
import { createHealthApp } from './http/healthApp.js';
import { startHttpServer, type HttpServer } from './http/server.js';
import { createJobs, type Jobs } from './jobs/jobs.js';
import { dataDirectoryOf } from './postgres/dataDirectory.js';
import { openDatabase, type Database } from './postgres/database.js';
import { startEmbeddedServer } from './postgres/embeddedServer.js';
import { runningInstance } from './postgres/instanceLock.js';
import { LOCK_ANSWER_MS } from './postgres/lockSession.js';
import { migrate } from './postgres/migrate.js';
import { createPastReadModels } from './projections/pastReadModels.js';
import { createBuildSites } from './projections/buildSite.js';
import { buildInThread } from './projections/builderThread.js';
import { createBuildStore } from './projections/buildStore.js';
import { createReplay, type Replay } from './projections/replay.js';
import { createServedReadModels } from './projections/servedReadModels.js';
import { followChangeNotices } from './projections/changeNotices.js';
import { createFairShare, sharing } from './projections/fairShare.js';
import { followLog } from './projections/followedLog.js';
import { createParkedEvents } from './projections/parkedEvents.js';
import { createReadModelStore } from './projections/readModelStore.js';
import { createScratchSites } from './projections/scratchSites.js';
import { nothingExported, type Exported } from './telemetry/exported.js';
import type { Telemetry } from './telemetry/telemetry.js';
import { openWantedTelemetry } from './telemetry/wanted.js';

/** The service, put together. */
export interface Reellog {
  readonly config: Config;
  readonly version: string;
  readonly database: Database;
  /** Where that database is, for another process or thread. */
  readonly connectionString: string;
  readonly eventStore: EventStore;
  readonly execute: ExecuteCommand;
  readonly queries: Queries;
  readonly asOf: AsOfQueries;
  readonly replay: Replay;
  readonly engine: ProjectionEngine;
  /** Makes read models anew in this process. */
  readonly builder: Builder;
  readonly rebuilds: Rebuilds;
  readonly buildWatch: BuildWatch;
  readonly jobs: Jobs;
  readonly tokens: ApiTokens;
  readonly parked: ParkedActs;
  /** The owner's token, on the first start of a service alone. */
  readonly ownerToken: string | undefined;
  /** Where Prometheus finds the metrics, if it does. */
  readonly metricsUrl: string | undefined;
  /**
   * Serves the API, or where that is not the role of this process its health, on the configured port unless
   * another one is given. @throws {CannotListen}
   */
  listen(port?: number): Promise<HttpServer>;
  /** Stops in order: no new requests, commands in hand, read models, the log, the database. */
  close(): Promise<void>;
}

/** The builder's, beside a session for each read model that it builds. */
const THREAD_CONNECTIONS = 4;

/** How the database of a data folder is reached. */
export interface OpenOptions {
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /**
   * `own`: this process runs the embedded server and is the only one to. `join`: where another process runs
   * it, use that one; what command-line tools do beside a running service.
   */
  readonly embedded?: 'own' | 'join';
  /** What is sent to a collector; default: nothing. */
  readonly exported?: Exported;
}

/** The version in package.json. */
export const version = (
  JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
    version: string;
  }
).version;

/** Finds or starts the database, brings its tables up to date. */
export const openStorage = async (
  config: Config,
  { logger, signal, embedded = 'own' }: OpenOptions,
): Promise<{ database: Database; connectionString: string; close: () => Promise<void> }> => {
  const running =
    config.databaseUrl === undefined && embedded === 'join'
      ? await runningInstance(config.dataDir)
      : undefined;
  const existing = config.databaseUrl ?? running?.connectionString ?? undefined;
  const server =
    existing === undefined
      ? await startEmbeddedServer({
          dataDir: config.dataDir,
          logger,
          ...(signal ? { signal } : {}),
        })
      : undefined;
  const connectionString = existing ?? server?.connectionString ?? '';
  try {
    await migrate(connectionString);
  } catch (error) {
    await server?.stop();
    throw error;
  }
  const database = openDatabase({
    connectionString,
    maxConnections: config.connections,
    statementMs: config.answerSeconds * 1_000,
    logger,
  });
  return {
    database,
    connectionString,
    close: async () => {
      await database.close();
      await server?.stop();
    },
  };
};

/** A log in EventStoreDB, which takes copies of other logs. @throws {Error} none is named */
export const openEventStoreDbLog = async (
  { eventStoreUrl: connectionString, eventStorePrefix: streamPrefix = '' }: LogPlace,
  { logger }: { readonly logger: Logger },
): Promise<EventStoreDbEventStore> => {
  if (connectionString === undefined) throw new Error('no EventStoreDB is named');
  // Only where it is needed: its client cannot share a process with its successor.
  const { createEventStoreDbEventStore } =
    await import('./eventstore/eventstoredb/eventStoreDbEventStore.js');
  return createEventStoreDbEventStore({ connectionString, streamPrefix, logger });
};

/** The log as its adapter gives it: in EventStoreDB where one is named, else in the database. */
const openEventLog = async (
  place: LogPlace,
  {
    database,
    logger,
    commits,
  }: {
    readonly database: Database;
    readonly logger: Logger;
    readonly commits?: CommitObserver | undefined;
  },
): Promise<EventStore & { close(): Promise<void> }> =>
  place.eventStoreUrl === undefined
    ? createPostgresEventStore({ database, logger, commits })
    : openEventStoreDbLog(place, { logger });

/** The database and the log; closed together. */
const openStorageAndLog = async (
  config: Config,
  options: OpenOptions,
  commits?: CommitObserver,
) => {
  const storage = await openStorage(config, options);
  try {
    const log = await openEventLog(config, {
      ...{ database: storage.database, logger: options.logger, commits },
    });
    return {
      ...storage,
      log,
      close: async () => {
        await log.close();
        await storage.close();
      },
    };
  } catch (error) {
    await storage.close();
    throw error;
  }
};

/** The log alone, as its adapter gives it: what tools look at that must not trust what stands before it. */
export const openLog = async (
  config: Config,
  options: OpenOptions,
): Promise<{
  readonly log: EventStore;
  readonly database: Database;
  readonly personalKeys: PersonalKeys;
  close(): Promise<void>;
}> => {
  const { database, log, close } = await openStorageAndLog(config, options);
  return { ...{ log, database, close }, personalKeys: createPersonalKeys(database) };
};

/** What a thread or process beside the service opens on a migrated database, to write read models. */
const openBeside = async ({ connectionString, connections, log: place, logger }: BesideOptions) => {
  const database = openDatabase({ connectionString, maxConnections: connections, logger });
  const log = await openEventLog(place, { database, logger });
  const store = createReadModelStore(database);
  return {
    database,
    eventStore: withDomainEvents(log, { personalKeys: createPersonalKeys(database) }),
    store,
    parking: createParkedEvents(database),
    close: async () => {
      await log.close();
      await store.close();
      await database.close();
    },
  };
};

interface BesideOptions {
  readonly connectionString: string;
  readonly connections: number;
  readonly log: LogPlace;
  /** `REELLOG_ON_POISON`. */
  readonly onPoison: string;
  readonly logger: Logger;
}

/** The read models' engine alone. */
export const openEngine = async (
  options: BesideOptions,
): Promise<{ readonly engine: ProjectionEngine; close(): Promise<void> }> => {
  const { eventStore, store, parking, close } = await openBeside(options);
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

/** The builder of read models alone. */
export const openBuilder = async (
  options: BesideOptions,
): Promise<{ readonly builder: Builder; close(): Promise<void> }> => {
  const { database, eventStore, store, parking, close } = await openBeside(options);
  return {
    builder: createBuilder({
      ...{ eventStore, store, projections, parking, log: options.logger },
      builds: createBuildStore(database),
      sites: createBuildSites(database),
    }),
    close,
  };
};

/** Puts everything together; nothing runs but the database until `engine.start()` and `listen()`. */
export const openReellog = async (config: Config, options: OpenOptions): Promise<Reellog> => {
  const { logger, exported = nothingExported, embedded = 'own' } = options;
  // Tools beside the service are not what is looked on at.
  const telemetry =
    embedded === 'own'
      ? await openWantedTelemetry({ config, exported, version, logger })
      : undefined;
  try {
    return await putTogether(config, options, telemetry);
  } catch (error) {
    await telemetry?.close();
    throw error;
  }
};

const putTogether = async (
  config: Config,
  options: OpenOptions,
  telemetry: Telemetry | undefined,
): Promise<Reellog> => {
  const { logger } = options;
  const storage = await openStorageAndLog(config, options, telemetry?.commits);
  const { database, log } = storage;
  const chained = withHashChain(log, { begins: config.hashChain });
  const personalKeys = createPersonalKeys(database);
  const unobserved = withDomainEvents(chained, { personalKeys });
  const told = withLoggedAppends(unobserved, logger);
  const eventStore = telemetry?.eventStore(told) ?? told;
  const commands = createCommands({
    eventStore,
    reservations: createReservations(database),
    receipts: createCommandReceipts(database),
    clock: { now: () => new Date() },
    newId: randomUUID,
  });
  const execute = telemetry?.commands(commands.execute) ?? commands.execute;
  const tokens = createApiTokens(database);
  const signIn = createSignIn(tokens, eventStore);
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
    readModels,
    notices,
    cache: { entries: config.cacheEntries, ttlMs: config.cacheSeconds * 1000 },
  });
  const pastEvents =
    config.eventStoreUrl === undefined
      ? opening(postgresPastEvents(database), openingOf(personalKeys))
      : pastEventsOf(eventStore);
  const replaying = { database, eventStore, pastEvents, projections };
  const asOf = createAsOfQueries({
    past: createPastReadModels(replaying),
    limitMs: config.answerSeconds * 1_000,
  });
  const store = createReadModelStore(database, {
    leadAnswerMs: Math.min(LOCK_ANSWER_MS, config.answerSeconds * 1_000),
  });
  const parkedEvents = createParkedEvents(database);
  const forgetAccounts = (keys: readonly string[]) => {
    for (const key of keys) if (key.startsWith('account:')) signIn.forget(key.slice(8));
  };
  const names = projections.map(({ name }) => name);
  const share = createFairShare(store, { names, log: logger });
  const unshared = createProjectionEngine({
    eventStore,
    store: share.store,
    projections,
    parking: parkedEvents,
    onPoison: poisonPolicies(config.onPoison),
    log: logger,
    ...(telemetry ? { observer: telemetry.engine } : {}),
    serves: (name, schema) => {
      readModels.serves(name, schema);
    },
    reached: (name, position, keys) => {
      queries.reached(name, position, keys);
      forgetAccounts(keys);
    },
  });
  const shared = sharing(unshared, share);
  const builds = createBuildStore(database);
  const engine = building(shared, () =>
    keepBuilding({
      ...{ builds, store, projections, log: logger },
      run: (signal) =>
        buildInThread(
          {
            ...{ connectionString: storage.connectionString, connections: THREAD_CONNECTIONS },
            ...{ log: config, onPoison: config.onPoison, logLevel: config.logLevel },
          },
          signal,
        ),
    }),
  );
  const unfollow = notices.follow({
    onNotice: (notice) => {
      if ('reset' in notice) engine.restart(notice.projection);
      else forgetAccounts(notice.keys);
    },
    onGap: () => undefined,
  });
  telemetry?.lookUp({
    projections: () => engine.status(),
    names: engine.names,
    rebuilds: () => rebuilds.underWay(),
    cache: () => queries.cacheUse(),
    pool: () => database.poolUse(),
    dataDirectory: async () =>
      config.databaseUrl === undefined ? dataDirectoryOf(database) : undefined,
  });
  const rebuilds = createRebuilds(builds, projections);
  const builder = createBuilder({
    ...{ eventStore, builds, store, projections, log: logger },
    sites: createBuildSites(database),
    parking: parkedEvents,
  });
  const buildWatch = createBuildWatch(builds);
  const parked = createParkedActs({ eventStore, parked: parkedEvents, projections });
  const closing = new AbortController();
  const jobs = createJobs({
    ...{ database, logger, builds, scratch: createScratchSites(database, logger) },
    ...{ receiptDays: config.receiptDays, retiredDays: config.retiredDays },
  });
  const servesApi = config.role === 'all' || config.role === 'api';
  const ping = (signal: AbortSignal) => database.ping(signal);
  let http: HttpServer | undefined;
  let closed: Promise<void> | undefined;

  const api = (observer: RequestHandler | undefined): Express =>
    createHttpApp({
      execute,
      queries,
      asOf,
      engine,
      ...{ rebuilds, buildWatch, parked, closing: closing.signal },
      readModels: names,
      tokens,
      signIn,
      ping,
      logger,
      observer,
      version,
      rateLimits: {
        readsPer5Minutes: config.readLimit,
        writesPerMinute: config.writeLimit,
        failedSignInsPerMinute: config.signInLimit,
      },
      corsOrigins: config.corsOrigins,
      bodyBytes: config.bodyBytes,
      answerMs: config.answerSeconds * 1_000,
      trustedProxies: config.trustedProxies,
    });

  const close = async (): Promise<void> => {
    const limitMs = config.shutdownSeconds * 1000;
    closing.abort();
    await http?.close(limitMs);
    await commands.idle(limitMs);
    await jobs.stop();
    await engine.stop();
    unfollow();
    unfollowPlaces();
    queries.close();
    await notices.close();
    await store.close();
    await storage.close();
    await telemetry?.close();
  };

  const zone = config.timezone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  let ownerToken: string | undefined;
  try {
    const followed = { identity: await log.identify(), head: () => log.headPosition() };
    await followLog(database, followed, logger);
    if (servesApi) await ensureOwner(execute, zone);
    // A tool beside the service would make it and show it to nobody.
    if (servesApi && options.embedded !== 'join') ownerToken = await firstToken(tokens);
  } catch (error) {
    // What runs by now would keep the process alive.
    await close();
    throw error;
  }
  return {
    config,
    version,
    database,
    connectionString: storage.connectionString,
    eventStore,
    execute,
    queries,
    asOf,
    replay: createReplay(replaying),
    engine,
    jobs,
    rebuilds,
    builder,
    buildWatch,
    tokens,
    parked,
    ownerToken,
    metricsUrl: telemetry?.metricsUrl,
    listen: async (port = config.port) => {
      const observer = telemetry?.requests;
      const app = servesApi ? api(observer) : createHealthApp({ engine, ping, logger, observer });
      http = await startHttpServer({ app, host: config.host, port });
      return http;
    },
    close: () => (closed ??= close()),
  };
};
