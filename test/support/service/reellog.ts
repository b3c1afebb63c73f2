import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { v4 as newUuid } from 'uuid';
import { openReellog, type Reellog } from '../../../src/infra/composition/service.js';
import { OWNER_ID } from '../../../src/infra/auth/owner.js';
import { configFrom, type Config } from '../../../src/infra/config/config.js';
import { dataDirWithCluster, freshDatabase, removeDataDir } from '../postgres/database.js';
import { logPlaceOf } from '../postgres/eventLog.js';
import { beginOf } from './eventStream.js';
import { eventually } from '../run/eventually.js';
import { openHttpClient, type HttpAnswer, type HttpRequest } from './httpClient.js';
import { testLogger } from '../run/logger.js';

/** Somebody with an account and a token. */
export interface Person {
  readonly userId: string;
  readonly token: string;
}

/** The whole service, listening. */
export interface RunningReellog {
  readonly reellog: Reellog;
  readonly url: string;
  readonly owner: Person;
  readonly member: Person;
  register(displayName: string): Promise<Person>;
  /** Sends a request to an address below `/api/v1`, as the owner unless it says otherwise. */
  api(request: HttpRequest): Promise<HttpAnswer>;
  /** Sends a request for a stream of events, and hangs up when the first event has come. */
  begun(request: HttpRequest): Promise<HttpAnswer>;
  /** Sends a request to any address, as nobody unless it says otherwise. */
  send(request: HttpRequest): Promise<HttpAnswer>;
  /** The position of the last event in the log. */
  head(): Promise<bigint>;
  /** Waits until every read model has everything that is in the log. */
  caughtUp(): Promise<void>;
  close(): Promise<void>;
}

/** Rates are not limited unless a test says so, and any port will do. */
const usual: Partial<Config> = {
  ...{ host: '127.0.0.1', port: 0, connections: 8, timezone: 'UTC' },
  ...{ readLimit: 0, writeLimit: 0, signInLimit: 0 },
};

/**
 * Starts the service on a database of its own, as `reellog serve` does.
 * @param past makes a history before the read models follow the log: they take it in a few large pages, where to
 *   follow each command as it comes costs many times as much
 */
export const startReellog = async (
  overrides: Partial<Config> = {},
  past?: (reellog: Reellog) => Promise<void>,
): Promise<RunningReellog> => {
  const fresh = await freshDatabase({ contents: 'prepared' });
  const { connectionString } = fresh;
  const databaseUrl = overrides.databaseUrl ?? connectionString;
  const configuration = { ...usual, ...logPlaceOf(databaseUrl), ...overrides, databaseUrl };
  try {
    return await running(configuration, () => fresh.drop(), past);
  } catch (error) {
    await fresh.drop();
    throw error;
  }
};

/** Starts the service on an embedded server of its own, which may be killed. */
export const startReellogWithServer = async (
  overrides: Partial<Config> = {},
): Promise<RunningReellog> => {
  const dataDir = await dataDirWithCluster();
  const remove = () => removeDataDir(dataDir);
  try {
    return await running({ ...usual, ...logPlaceOf(dataDir), dataDir, ...overrides }, remove);
  } catch (error) {
    await remove();
    throw error;
  }
};

const running = async (
  configuration: Partial<Config>,
  remove: () => Promise<void>,
  past?: (reellog: Reellog) => Promise<void>,
): Promise<RunningReellog> => {
  // It is made with the first picture.
  const imagesDir = join(tmpdir(), `reellog-images-${newUuid()}`);
  const reellog = await openReellog(
    { ...configFrom({}), imagesDir, ...configuration },
    { logger: testLogger, rebuildIn: 'process' },
  );
  try {
    await past?.(reellog);
    reellog.engine.start();
    reellog.reactions.start();
    await reellog.backgroundWork?.start();
    await reellog.made(new AbortController().signal);
    const { url } = await reellog.listen();
    const client = openHttpClient(url);
    const owner = { userId: OWNER_ID, token: reellog.ownerToken ?? '' };
    const register = async (displayName: string): Promise<Person> => {
      const { id: userId } = await reellog.execute({
        name: 'RegisterAccount',
        data: { displayName },
        actor: { userId: OWNER_ID, role: 'owner' },
      });
      const { token } = await reellog.tokens.create({ userId, name: 'test' });
      return { userId, token };
    };
    const head = () => reellog.eventStore.headPosition();
    return {
      ...{ reellog, url, owner, register, head },
      member: await register('Member'),
      send: (request) => client.send(request),
      api: (request) =>
        client.send({ token: owner.token, ...request, path: `/api/v1${request.path}` }),
      begun: ({ path, ...request }) =>
        beginOf({ token: owner.token, ...request, url: `${url}/api/v1${path}` }),
      caughtUp: async () => {
        await eventually('the read models have caught up', async () =>
          (await reellog.engine.status()).every(({ lagEvents }) => lagEvents === 0n),
        );
      },
      close: async () => {
        client.close();
        await reellog.close();
        await remove();
        await rm(imagesDir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    await reellog.close();
    throw error;
  }
};
