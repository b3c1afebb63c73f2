import { readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import type pg from 'pg';

/** How much nicer than it was (nice(1)): beside work of the usual kind it gets a tenth of the time. */
const NICER = 10;
const NICEST = 19;

/**
 * Lets a process of this machine go behind all others that want the CPU: this one, unless another is named. What
 * would have to wait for nobody loses nothing. Where it is not allowed, nothing happens.
 * @returns whether it steps back
 */
export const lowerPriority = (pid = process.pid): boolean => {
  try {
    for (const thread of threadsOf(pid)) {
      setPriority(thread, Math.min(NICEST, getPriority(thread) + NICER));
    }
    return true;
  } catch {
    return false;
  }
};

/** Lets this thread alone go behind all others; only on Linux, where it can be told apart from its process. */
export const lowerThreadPriority = (): void => {
  if (process.platform === 'linux') setPriority(NICER);
};

/** On Linux each thread has a niceness of its own, those that collect garbage, too (setpriority(2), "BUGS"). */
const threadsOf = (pid: number): readonly number[] => {
  try {
    return readdirSync(`/proc/${pid}/task`).map(Number);
  } catch {
    return [pid];
  }
};

/**
 * The same for the process that PostgreSQL serves a session with, where that is on this machine: the sessions of a
 * service then come first.
 * @returns whether it steps back
 */
export const lowerSessionPriority = async (client: pg.ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ pid: number; socket: boolean }>(
    'select pg_backend_pid() as pid, inet_client_addr() is null as socket',
  );
  const [{ pid, socket } = { pid: 0, socket: false }] = rows;
  // Through a socket it is on this machine, if perhaps in a container that counts its processes otherwise.
  if (!socket) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.startsWith('postgres') && lowerPriority(pid);
};
