import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { Express, RequestHandler } from 'express';
import type { ExecuteCommand } from '../../commands/command.js';
import { createCommands } from '../../commands/commands.js';
import type { EventStore } from '../../commands/ports/eventStore.js';
import { createReactions, type Reactions } from '../../commands/reactions/reactions.js';
import { createAccess } from '../auth/access.js';
import { titlesReaction } from '../../commands/reactions/titles.js';
import { createSerialiser } from '../../commands/handling/serialise.js';
import { createApiTokens, type ApiTokens } from '../auth/apiTokens.js';
import { ensureOwner, firstToken, OWNER_ID } from '../auth/owner.js';
import { createSignIn } from '../auth/signedIn.js';
import { followSignIns } from '../auth/signInNotices.js';
import { createCommandReceipts } from '../commands/commandReceipts.js';
import { createRequestReceipts } from '../commands/requestReceipts.js';
import { createReservations } from '../commands/reservations.js';
import type { Config } from '../config/config.js';
import { machineZone } from '../config/machineZone.js';
import { withDomainEvents } from '../eventstore/domainEventStore.js';
import { withHashChain } from '../eventstore/hashChain.js';
import { withLoggedAppends } from '../eventstore/loggedAppends.js';
import { mirrorSummary, type MirrorSummary } from '../eventstore/mirror/mirrorHealth.js';
import { createPersonalKeys } from '../eventstore/privacy/personalKeys.js';
import { startHttpServer, type HttpServer } from '../http/server.js';
import { createImages, type Images } from '../images/images.js';
import { createKnownCatalogue, type KnownCatalogue } from '../imports/knownCatalogue.js';
import { createLibraryImports } from '../imports/libraryImports.js';
import { createRadarrNotices } from '../imports/radarrNotices.js';
import { createJobs, type Jobs } from '../jobs/jobs.js';
import { createQueuedWork } from '../jobs/queue/waitingWork.js';
import { dataDirectoryOf } from '../postgres/embedded/dataDirectory.js';
import { createFilmSearch } from '../metadata/filmSearch.js';
import { RADARR } from '../metadata/radarr/radarrFile.js';
import type { Database } from '../postgres/database.js';
import type { Listening } from '../postgres/listening.js';
import { exclusively } from '../postgres/pool/exclusively.js';
import { followLog } from '../readModels/live/followedLog.js';
import { createScratchSites } from '../readModels/scratch/scratchSites.js';
import { createReactionStore } from '../reactions/reactionStore.js';
import { createTitleViewers } from '../reactions/titleViewers.js';
import { openBackgroundWork, queueBeside, type BackgroundWork } from './backgroundWork.js';
import { createCatalogueJobs, type CatalogueJobs } from './catalogueJobs.js';
import { openPeople } from './people.js';
import { createReadSide, type ReadSide } from './readSide.js';
import { createTmdbClient } from './tmdb.js';
import { openStorageAndLog, type StorageOptions } from './storage.js';
import { nothingExported, type Exported } from '../telemetry/exported.js';
import type { Telemetry } from '../telemetry/telemetry.js';
import { openWantedTelemetry } from '../telemetry/wanted.js';
import { version } from '../version.js';

/** How long a search waits at most for what a provider finds, in milliseconds: somebody is looking at the box. */
const SEARCH_MS = 1_500;

/** The service, put together. */
export interface Reellog extends ReadSide {
  readonly config: Config;
  readonly version: string;
  readonly database: Database;
  /** Where that database is, for another process or thread. */
  readonly connectionString: string;
  readonly eventStore: EventStore;
  /** How the mirror of the log is, where it has one. */
  readonly mirror: () => MirrorSummary | undefined;
  readonly execute: ExecuteCommand;
  /** What imports of libraries compare with. */
  readonly knownCatalogue: KnownCatalogue;
  readonly images: Images;
  readonly reactions: Reactions;
  readonly jobs: Jobs;
  /** Where a provider is configured. */
  readonly catalogueJobs: CatalogueJobs | undefined;
  /** Where something of it is configured. */
  readonly backgroundWork: Pick<BackgroundWork, 'start'> | undefined;
  readonly tokens: ApiTokens;
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

/** How the service is opened. */
export interface OpenOptions extends StorageOptions {
  /** What is sent to a collector; default: nothing. */
  readonly exported?: Exported;
  /** Where read models are made anew: in a thread of its own, which needs the compiled code, or in this one. */
  readonly rebuildIn?: 'thread' | 'process';
}

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
  const { logger, embedded = 'own' } = options;
  const inThreads = options.rebuildIn !== 'process' && (options.inThreads ?? embedded === 'own');
  const storage = await openStorageAndLog(config, { ...options, inThreads }, telemetry?.commits);
  const { database, connectionString, log } = storage;
  const chained = withHashChain(log, { begins: config.hashChain });
  const personalKeys = createPersonalKeys(database);
  const unobserved = withDomainEvents(chained, { personalKeys, logger });
  const told = withLoggedAppends(unobserved, logger);
  const eventStore = telemetry?.eventStore(told) ?? told;
  const tokens = createApiTokens(database);
  const signIn = createSignIn(tokens, eventStore);
  const servesApi = config.role === 'all' || config.role === 'api';
  // Tools beside the service look nothing up but what they are made for.
  const tmdbClient = createTmdbClient(config, { logger, observer: telemetry?.outgoing });
  const tmdb = embedded === 'own' ? await tmdbClient.open() : undefined;
  const people =
    embedded === 'own' && servesApi
      ? await openPeople(config, { database, provider: tmdb, logger })
      : undefined;
  const reservations = createReservations(database);
  const films = createFilmSearch({
    ...{ provider: tmdb, reservations, logger },
    limitMs: Math.min(SEARCH_MS, (config.answerSeconds * 1_000) / 2),
  });
  const readSide = createReadSide({
    ...{ config, database, connectionString, eventStore, personalKeys, logger },
    logTables: log.tables,
    rebuildIn: options.rebuildIn,
    observer: telemetry?.engine,
    facts: people && { people, films },
    changed: (keys) => {
      for (const key of keys) if (key.startsWith('account:')) signIn.forget(key.slice(8));
    },
  });
  const { queries, asOf, engine, rebuildStore, rebuilds, rebuildWatch, parked } = readSide;
  const images = createImages(config.imagesDir ?? join(config.dataDir, 'images'), logger);
  const viewers = createTitleViewers(database);
  const keysInTurn = createSerialiser();
  const knownCatalogue = createKnownCatalogue({
    ...{ shown: readSide.catalogueShown, reservations },
    head: () => eventStore.headPosition(),
  });
  const commands = createCommands({
    eventStore,
    reservations,
    access: createAccess({ database, tokens, signIn, ownersShown: readSide.ownersShown }),
    receipts: createCommandReceipts(database, keysInTurn),
    viewers,
    clock: { now: () => new Date() },
    newId: randomUUID,
  });
  const catalogueJobs = createCatalogueJobs(config, {
    ...{ database, logger, tmdb: tmdbClient },
    queue: {
      add: (work, options) =>
        (backgroundWork?.queue ?? queueBeside({ database, connectionString, logger })).add(
          work,
          options,
        ),
    },
  });
  const jobs = createJobs({
    ...{ database, logger, rebuilds: rebuildStore, scratch: createScratchSites(database, logger) },
    ...{ receiptDays: config.receiptDays, retiredDays: config.retiredDays },
    others: catalogueJobs?.jobs ?? [],
    queue: () => backgroundWork?.queue,
  });
  // Tools beside the service do none, nor does what serves the API alone.
  const backgroundWork: BackgroundWork | undefined =
    embedded === 'own' && config.role !== 'api'
      ? await openBackgroundWork({
          ...{ database, connectionString, commands, jobs, images, tmdb, logger, config },
          ...{ catalogue: knownCatalogue, observer: telemetry?.outgoing },
        }).catch(async (error: unknown) => {
          // What is open by now would keep the process alive.
          await readSide.close();
          await storage.close();
          throw error;
        })
      : undefined;
  const reactions = createReactions({
    ...{ eventStore, log: logger, store: createReactionStore(database) },
    reactions: [
      titlesReaction({ viewers, commands: commands.titles, log: logger }),
      ...(backgroundWork?.reactions ?? []),
    ],
  });
  const execute = telemetry?.commands(commands.execute) ?? commands.execute;
  telemetry?.lookUp({
    projections: () => engine.status(),
    names: engine.names,
    rebuilds: () => rebuilds.underWay(),
    cache: () => queries.cacheUse(),
    pool: () => database.poolUse(),
    mirror: () => log.mirror && mirrorSummary(log.mirror, new Date()),
    work: () => createQueuedWork(database).counts(),
    dataDirectory: async () =>
      config.databaseUrl === undefined ? dataDirectoryOf(database) : undefined,
  });
  const closing = new AbortController();
  const ping = (signal: AbortSignal) => database.ping(signal);
  const mirror = () => log.mirror && mirrorSummary(log.mirror, new Date());
  let http: HttpServer | undefined;
  let signIns: Listening | undefined;
  let closed: Promise<void> | undefined;

  // Loaded by what listens: to the tools beside the service it would be a third of their start.
  const api = async (observer: RequestHandler | undefined): Promise<Express> => {
    const { createHttpApp } = await import('../http/app.js');
    const { publicAddressOf } = await import('../http/middleware/publicAddress.js');
    const { createRadarrReceiver } = await import('../http/webhooks/radarrReceiver.js');
    const { radarrWebhookSecret: secret } = config;
    return createHttpApp({
      execute,
      ...{ queries, asOf, engine, rebuilds, rebuildWatch, parked, jobs, images },
      queuedWork: createQueuedWork(database),
      imports: {
        requests: createLibraryImports(database),
        sources: new Set(config.radarrUrl === undefined ? [] : [RADARR]),
      },
      webhookReceivers:
        secret === undefined
          ? {}
          : {
              radarr: createRadarrReceiver({
                ...{ secret, logger },
                apply: createRadarrNotices({ execute, catalogue: knownCatalogue }),
              }),
            },
      closing: closing.signal,
      readModels: engine.names,
      tokens,
      signIn,
      receipts: createRequestReceipts(database, { turns: keysInTurn }),
      ...{ ping, mirror },
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
      publicAddress: publicAddressOf(config.baseUrl),
      hstsSubdomains: config.hstsSubdomains,
    });
  };
  const healthAlone = async (observer: RequestHandler | undefined): Promise<Express> => {
    const { createHealthApp } = await import('../http/healthApp.js');
    return createHealthApp({ engine, ping, mirror, logger, observer });
  };

  const close = async (): Promise<void> => {
    const limitMs = config.shutdownSeconds * 1000;
    closing.abort();
    await http?.close(limitMs);
    await signIns?.close();
    await reactions.stop();
    await backgroundWork?.close();
    await people?.close();
    await tmdbClient.close();
    await images.close();
    await commands.idle(limitMs);
    await jobs.stop();
    await readSide.close();
    await storage.close();
    await telemetry?.close();
  };

  const zone = config.timezone ?? machineZone();
  let isFirstStart = false;
  let ownerToken: string | undefined;
  try {
    const followed = { identity: await log.identify(), head: () => log.headPosition() };
    await followLog(database, followed, logger);
    if (servesApi) {
      await ensureOwner(execute, zone);
      isFirstStart = (await tokens.list({ userId: OWNER_ID })).length === 0;
    }
  } catch (error) {
    // What runs by now would keep the process alive.
    await close();
    throw error;
  }
  return {
    ...readSide,
    ...{
      config,
      version,
      database,
      connectionString,
      eventStore,
      mirror,
      execute,
      knownCatalogue,
      images,
      reactions,
      jobs,
      catalogueJobs,
      backgroundWork,
      tokens,
    },
    get ownerToken() {
      return ownerToken;
    },
    metricsUrl: telemetry?.metricsUrl,
    listen: async (port = config.port) => {
      const observer = telemetry?.requests;
      const app = await (servesApi ? api(observer) : healthAlone(observer));
      if (servesApi) signIns ??= followSignIns(database, signIn);
      http = await startHttpServer({
        ...{ app, host: config.host, port },
        clientMs: config.requestSeconds * 1_000,
      });
      // Once it listens: a token that a failed start had made would be shown to nobody. Of several processes that
      // start at once, one makes it.
      if (isFirstStart) {
        ownerToken = await exclusively(database, 'first token', () =>
          firstToken(tokens, eventStore),
        );
      }
      return http;
    },
    close: () => (closed ??= close()),
  };
};
