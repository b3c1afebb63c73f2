import { execFile } from 'node:child_process';
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
 * outlived it, since a start is refused while one of them is busy with a long statement; and the file that
 * names a process id which the system may have given to another program since, in a restarted container
 * almost surely. The caller holds the data folder's lock, so that nobody else uses the cluster.
 * @returns whether a process had to be ended.
 */
export const endLeftovers = async (cluster: string): Promise<boolean> => {
  const file = await postmasterFile(cluster);
  if (!file) return false;
  const found = await realpath(cluster);
  const server = await isServerOf(file.pid, found);
  if (server) await endProcess(file.pid);
  const children = await serverProcessesIn(found);
  await Promise.all(children.map((pid) => endProcess(pid, SHUTDOWN.slice(1))));
  // PostgreSQL removes the file when it shuts down well.
  await rm(join(cluster, 'postmaster.pid'), { force: true });
  return server || children.length > 0;
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
    const deadline = Date.now() + limit;
    while (Date.now() < deadline) {
      if (!isAlive(pid)) return;
      await sleep(POLL_MS);
    }
  }
};

export const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
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
