import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { readdir, readFile, readlink, realpath, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** What `postmaster.pid` tells of a server that runs or ran on a cluster. */
interface PostmasterFile {
  readonly pid: number;
  readonly status: string;
}

const POLL_MS = 10;

/** The port names the socket's file; it is pinned because both sides would take it from `PGPORT` else. */
export const SOCKET_PORT = 5432;
const SOCKET = `.s.PGSQL.${SOCKET_PORT}`;

/** Fast shutdown, immediate shutdown, none: each with the time it gets, in milliseconds. */
const SHUTDOWN: readonly (readonly [NodeJS.Signals, number])[] = [
  ['SIGINT', 10_000],
  ['SIGQUIT', 5_000],
  ['SIGKILL', 5_000],
];

/** Reads `postmaster.pid`: the process id in line 1, the status in line 8. */
export const postmasterFile = async (cluster: string): Promise<PostmasterFile | undefined> => {
  const text = await readFile(join(cluster, 'postmaster.pid'), 'utf8').catch(() => undefined);
  const lines = text?.split('\n') ?? [];
  const pid = Number(lines[0]);
  return pid > 0 ? { pid, status: lines[7]?.trim() ?? '' } : undefined;
};

/**
 * Ends what a killed Reellog or a killed server left on a cluster: the server itself; the processes that
 * outlived it, since a start is refused while one of them is busy with a long statement; and the files that
 * name a process id which the system may have given to another program since, in a restarted container
 * almost surely. The caller holds the data folder's lock, so that nobody else uses the cluster.
 * @returns whether a process had to be ended.
 */
export const endLeftovers = async (place: {
  readonly cluster: string;
  readonly socketDir: string;
}): Promise<boolean> => {
  const file = await postmasterFile(place.cluster);
  let ended = false;
  if (file) {
    const cluster = await realpath(place.cluster);
    const server = await isServerOf(file.pid, cluster);
    if (server) await endProcess(file.pid);
    const children = await serverProcessesIn(cluster);
    await Promise.all(children.map((pid) => endProcess(pid, SHUTDOWN.slice(1))));
    ended = server || children.length > 0;
  }
  // PostgreSQL removes these when it shuts down well.
  await rm(join(place.cluster, 'postmaster.pid'), { force: true });
  await rm(join(place.socketDir, SOCKET), { force: true });
  await rm(join(place.socketDir, `${SOCKET}.lock`), { force: true });
  return ended;
};

/** Sends a process one signal after another until it is gone. */
export const endProcess = async (pid: number, steps = SHUTDOWN): Promise<void> => {
  for (const [signal, limit] of steps) {
    if (!isAlive(pid)) return;
    try {
      process.kill(pid, signal);
    } catch {
      return;
    }
    const deadline = performance.now() + limit;
    while (performance.now() < deadline) {
      if (!isAlive(pid)) return;
      await sleep(POLL_MS);
    }
  }
};

/** A process that has ended and waits for its parent to notice does not count; in a container nobody may. */
export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return process.platform !== 'linux' || !isZombie(pid);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
};

const isZombie = (pid: number): boolean => {
  try {
    const status = readFileSync(`/proc/${pid}/stat`, 'latin1');
    return status.startsWith('Z', status.lastIndexOf(')') + 2);
  } catch {
    return true;
  }
};

/** Process ids are reused: only a postgres that works in this cluster is ours to end. */
const isServerOf = async (pid: number, cluster: string): Promise<boolean> => {
  if (!isAlive(pid)) return false;
  if (process.platform === 'linux') return worksIn(pid, cluster);
  const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({
    stdout: '',
  }));
  return stdout.includes('postgres') && stdout.includes(cluster);
};

/** Every process of PostgreSQL has its cluster as working directory. */
const worksIn = async (pid: number, cluster: string): Promise<boolean> => {
  try {
    if ((await readlink(`/proc/${pid}/cwd`)) !== cluster) return false;
    const program = await readlink(`/proc/${pid}/exe`);
    return basename(program.replace(/ \(deleted\)$/, '')) === 'postgres';
  } catch {
    return false;
  }
};

const serverProcessesIn = async (cluster: string): Promise<readonly number[]> => {
  if (process.platform !== 'linux') return [];
  const pids = (await readdir('/proc')).map(Number).filter((pid) => pid > 0);
  const inside = await Promise.all(pids.map((pid) => worksIn(pid, cluster)));
  return pids.filter((_, index) => inside[index]);
};
