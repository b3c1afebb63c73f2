import { setTimeout as sleep } from 'node:timers/promises';
import {
  startCli,
  startServe,
  type CliResult,
  type ServeProcess,
  type Settings,
} from '../service/cliProcess.js';
import { eventually } from '../run/eventually.js';
import {
  memberOf,
  openHttpClient,
  type HttpAnswer,
  type HttpClient,
} from '../service/httpClient.js';
import type { Send } from './clients.js';

/** `reellog serve` as whoever looks after it has it: killed, it is started again with the same settings. */
export interface ServedReellog {
  pid(): number;
  /** What the process has written so far. */
  said(): string;
  /** The owner's, as it was shown or given. */
  readonly token: string;
  /** As the owner, to whichever process serves now. */
  readonly send: Send;
  /** What each read model's worker is doing in this process, by its name. */
  workers(): Promise<ReadonlyMap<string, string>>;
  /** Waits until it says that it is ready and follows or stands by for every read model. */
  ready(): Promise<void>;
  kill(): Promise<void>;
  /** As `systemctl stop` does. */
  stop(): Promise<CliResult>;
  start(): Promise<void>;
  /** Starts, and is killed so many milliseconds later, wherever it is by then. */
  startInVain(ms: number): Promise<void>;
  close(): Promise<void>;
}

interface Running {
  readonly process: ServeProcess;
  readonly client: HttpClient;
}

/**
 * @param settings as environment variables
 * @param token where another process on the same database has shown it
 */
export const serveReellog = async (settings: Settings, token?: string): Promise<ServedReellog> => {
  const open = async (): Promise<Running> => {
    const process = await startServe(settings);
    return { process, client: openHttpClient(process.url) };
  };
  let running = await open();
  const owner = token ?? running.process.token ?? '';
  const workers = async (): Promise<ReadonlyMap<string, string>> => {
    const { json } = await running.client.send({ path: '/readyz' });
    const states = Object.entries(memberOf(json, 'projections') ?? {});
    return new Map(states.map(([name, is]) => [name, String(memberOf(is, 'state'))]));
  };
  const isReady = async (): Promise<boolean> => {
    const states = [...(await workers()).values()];
    return states.length > 0 && states.every((state) => state === 'live' || state === 'standby');
  };
  const kill = async (): Promise<void> => {
    await running.process.end('SIGKILL');
    running.client.close();
  };
  return {
    pid: () => running.process.pid,
    said: () => running.process.said(),
    token: owner,
    send: (request): Promise<HttpAnswer> => running.client.send({ token: owner, ...request }),
    workers,
    ready: () => eventually('the service is ready', isReady),
    kill,
    stop: async () => {
      const result = await running.process.end('SIGTERM');
      running.client.close();
      return result;
    },
    start: async () => {
      running = await open();
    },
    startInVain: async (ms) => {
      const starting = startCli(['serve'], { PORT: '0', ...settings });
      await sleep(ms);
      await starting.end('SIGKILL');
    },
    close: kill,
  };
};
