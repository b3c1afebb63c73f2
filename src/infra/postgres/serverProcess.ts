import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Placement } from './placement.js';

/** What `postmaster.pid` tells of a server that runs or ran on a cluster. */
interface PostmasterFile {
  readonly pid: number;
  readonly status: string;
}

/** PostgreSQL could not be started; the message ends with what it logged last. */
export class ServerStartFailed extends Error {
  override readonly name = 'ServerStartFailed';
}

const READY_MS = 60_000;
const POLL_MS = 10;
/** Above this the log starts anew. */
const LOG_BYTES = 5_000_000;

/** Beside PostgreSQL's defaults: no network, and sizes for a small machine. Durability stays on. */
const settings = (socketDir: string): string[] =>
  Object.entries({
    listen_addresses: '',
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '60',
    shared_buffers: '128MB',
    fsync: 'on',
    synchronous_commit: 'on',
    wal_level: 'minimal',
    max_wal_senders: '0',
    wal_buffers: '16MB',
    max_wal_size: '1GB',
    checkpoint_timeout: '10min',
    // A page on an SSD costs the same anywhere.
    random_page_cost: '1.1',
    jit: 'off',
    log_min_messages: 'warning',
    autovacuum_naptime: '30s',
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/** Starts a server and resolves once it takes connections. @throws {ServerStartFailed} */
export const launch = async (place: Placement, signal?: AbortSignal): Promise<ChildProcess> => {
  const size = await stat(place.logFile).catch(() => undefined);
  if (size && size.size > LOG_BYTES) await truncate(place.logFile);
  const log = openSync(place.logFile, 'a');
  const child = spawn(
    place.binaries.postgres,
    ['-D', place.cluster, ...settings(place.socketDir)],
    {
      // A group of its own: Ctrl-C in the terminal must reach the server only through our shutdown.
      detached: true,
      stdio: ['ignore', log, log],
      cwd: place.socketDir,
      env: { ...process.env, LC_ALL: 'C', PGDATA: place.cluster },
      ...(place.account ? { uid: place.account.uid, gid: place.account.gid } : {}),
    },
  );
  closeSync(log);
  const failed = new Promise<never>((_, reject) => {
    child.once('error', reject);
    child.once('exit', (code, by) => {
      reject(new Error(`postgres ended with ${code ?? by ?? 'no code'}`));
    });
  });
  try {
    await Promise.race([ready(place, child, signal), failed]);
  } catch (cause) {
    child.kill('SIGQUIT');
    throw new ServerStartFailed(
      `PostgreSQL did not start on ${place.cluster}: ${messageOf(cause)}\n${await logTail(place)}`,
      { cause },
    );
  }
  return child;
};

const ready = async (place: Placement, child: ChildProcess, signal?: AbortSignal) => {
  const deadline = Date.now() + READY_MS;
  while (Date.now() < deadline) {
    const file = await postmasterFile(place.cluster);
    if (file?.pid === child.pid && file?.status === 'ready') return;
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
  }
  throw new Error(`not ready after ${READY_MS / 1000} s`);
};

/** Reads `postmaster.pid`: the process id in line 1, the status in line 8. */
export const postmasterFile = async (cluster: string): Promise<PostmasterFile | undefined> => {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, status: lines[7]?.trim() ?? '' } : undefined;
};

/**
 * Ends the server that a killed Reellog left behind on this cluster: fast shutdown, then immediate, then
 * kill. The caller holds the data folder's lock, so nobody else uses it.
 */
export const stopOrphan = async (place: Placement): Promise<boolean> => {
  const file = await postmasterFile(place.cluster);
  if (!file || !(await isServerOf(file.pid, place.cluster))) return false;
  await endProcess(file.pid);
  return true;
};

/** Sends what PostgreSQL takes as fast, immediate and no shutdown until the process is gone. */
export const endProcess = async (pid: number): Promise<void> => {
  const steps: readonly (readonly [NodeJS.Signals, number])[] = [
    ['SIGINT', 10_000],
    ['SIGQUIT', 5_000],
    ['SIGKILL', 5_000],
  ];
  for (const [signalName, limit] of steps) {
    if (!isAlive(pid)) return;
    try {
      process.kill(pid, signalName);
    } catch {
      return;
    }
    const deadline = Date.now() + limit;
    while (Date.now() < deadline) {
      if (!isAlive(pid)) return;
      await sleep(POLL_MS);
    }
  }
};

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

/** Process ids are reused: only a postgres that names this cluster is ours to end. */
const isServerOf = async (pid: number, cluster: string): Promise<boolean> => {
  if (!isAlive(pid)) return false;
  if (process.platform !== 'linux') return true;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.split('\0').includes(cluster);
};

/** The last lines of the server's log. */
export const logTail = async (place: Placement): Promise<string> => {
  const text = await readFile(place.logFile, 'utf8').catch(() => '');
  return text.split('\n').slice(-12).join('\n');
};

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
