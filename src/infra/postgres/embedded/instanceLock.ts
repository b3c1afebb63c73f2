import {
  createServer,
  connect,
  type ListenOptions,
  type NetConnectOpts,
  type Server,
} from 'node:net';
import { instanceName } from './placement.js';

/** What the process that holds a data folder tells those who ask. */
export interface RunningInstance {
  readonly pid: number;
  readonly connectionString: string | null;
}

/** Another process has this data folder open. */
export class DataFolderInUse extends Error {
  override readonly name = 'DataFolderInUse';
  constructor(
    readonly dataDir: string,
    readonly pid: number | undefined,
  ) {
    super(
      `The data folder ${dataDir} is in use by another Reellog` +
        `${pid === undefined ? '' : ` (process ${pid})`}. Stop it first, or set REELLOG_DATA_DIR to another folder.`,
    );
  }
}

/** Held while this process owns a data folder; the kernel lets go of it however the process ends. */
export interface InstanceLock {
  /** From now on, tells others where the server is. */
  announce(connectionString: string): void;
  release(): Promise<void>;
}

/** How long the holder may take to answer who it is. */
const ANSWER_MS = 1000;

/**
 * A name that the kernel gives to one listener at a time and takes back when the process dies, kill -9
 * included: an abstract socket on Linux, a loopback port elsewhere. A lock *file* would need a guess at
 * when it is stale.
 */
const endpoint = async (
  dataDir: string,
): Promise<{ path: string } | { host: string; port: number }> => {
  const name = await instanceName(dataDir);
  if (process.platform === 'linux') return { path: `\0reellog-${name}` };
  // Below the ports that systems hand out to outgoing connections.
  return { host: '127.0.0.1', port: 20_000 + (parseInt(name.slice(0, 8), 16) % 12_000) };
};

/** Takes a data folder for this process. @throws {DataFolderInUse} */
export const lockDataFolder = async (dataDir: string): Promise<InstanceLock> => {
  let connectionString: string | null = null;
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    const answer: RunningInstance = { pid: process.pid, connectionString };
    // Nobody who asks may keep the lock from being released.
    socket.end(JSON.stringify(answer), () => socket.destroy());
  });
  server.unref();
  if (!(await listens(server, await endpoint(dataDir)))) {
    throw new DataFolderInUse(dataDir, (await runningInstance(dataDir))?.pid);
  }
  return {
    announce: (value) => {
      connectionString = value;
    },
    release: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
      }),
  };
};

const listens = (server: Server, at: ListenOptions): Promise<boolean> =>
  new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE') resolve(false);
      else reject(error);
    });
    server.listen(at, () => {
      resolve(true);
    });
  });

/** The process that holds a data folder and where its server is; `undefined` when nobody does. */
export const runningInstance = async (dataDir: string): Promise<RunningInstance | undefined> =>
  askWho(await endpoint(dataDir));

const askWho = (at: NetConnectOpts): Promise<RunningInstance | undefined> =>
  new Promise((resolve) => {
    let text = '';
    const socket = connect(at);
    const done = (instance: RunningInstance | undefined) => {
      socket.destroy();
      resolve(instance);
    };
    socket.setTimeout(ANSWER_MS, () => {
      done(undefined);
    });
    socket.setEncoding('utf8');
    socket.on('data', (chunk: string) => (text += chunk));
    socket.on('error', () => {
      done(undefined);
    });
    socket.on('end', () => {
      try {
        done(JSON.parse(text) as RunningInstance);
      } catch {
        done(undefined);
      }
    });
  });
