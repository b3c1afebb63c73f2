import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { endProcess, postmasterFile, SOCKET_PORT } from './leftovers.js';
import type { Placement } from './placement.js';
import { boundLog, logTail } from './serverLog.js';

/** PostgreSQL could not be started; the message ends with what it logged last. */
export class ServerStartFailed extends Error {
  override readonly name = 'ServerStartFailed';
}

/**
 * Replaying the log after a power cut takes as long as it takes: a limit that ends a server at it would
 * make it begin again each time. This one is for a server that hangs.
 */
const READY_MS = 600_000;
const POLL_MS = 10;

/** Beside PostgreSQL's defaults: no network, and sizes for a small machine. Durability stays on. */
const settings = (socketDir: string): string[] =>
  Object.entries({
    listen_addresses: '',
    port: String(SOCKET_PORT),
    unix_socket_directories: socketDir,
    unix_socket_permissions: '0700',
    max_connections: '100',
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
    // Not the zone of whichever machine made the cluster.
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_min_messages: 'warning',
    // No rows, statements or values: they may be what a person wrote.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    log_parameter_max_length: '0',
    log_parameter_max_length_on_error: '0',
    autovacuum_naptime: '30s',
    // After a crash one call for the file system instead of one for each of a thousand files, three times as fast.
    ...(process.platform === 'linux' ? { recovery_init_sync_method: 'syncfs' } : {}),
  }).flatMap(([name, value]) => ['-c', `${name}=${value}`]);

/**
 * Starts a server and resolves once it takes connections. When that fails, or the signal aborts, the
 * process has ended before this rejects.
 * @throws {ServerStartFailed}
 */
export const launch = async (place: Placement, signal?: AbortSignal): Promise<ChildProcess> => {
  await boundLog(place.logFile);
  const log = openSync(place.logFile, 'a', 0o600);
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
    if (child.pid !== undefined) await endProcess(child.pid);
    throw new ServerStartFailed(
      `PostgreSQL did not start on ${place.cluster}: ${messageOf(cause)}\n${await logTail(place.logFile)}`,
      { cause },
    );
  }
  return child;
};

const ready = async (place: Placement, child: ChildProcess, signal?: AbortSignal) => {
  const deadline = performance.now() + READY_MS;
  while (performance.now() < deadline && child.exitCode === null && child.signalCode === null) {
    const file = await postmasterFile(place.cluster);
    if (file?.pid === child.pid && file?.status === 'ready') return;
    await sleep(POLL_MS, undefined, signal ? { signal } : {});
  }
  throw new Error(`not ready after ${READY_MS / 1000} s`);
};

const messageOf = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
