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
export const stepBack = (pid = process.pid): boolean => {
  try {
    setPriority(pid, Math.min(NICEST, getPriority(pid) + NICER));
    return true;
  } catch {
    return false;
  }
};

/**
 * The same for the process that PostgreSQL serves a session with, where that is on this machine: the sessions of a
 * service then come first.
 * @returns whether it steps back
 */
export const sessionStepsBack = async (client: pg.Client): Promise<boolean> => {
  // Through a socket it is on this machine, if perhaps in a container that counts its processes otherwise.
  if (!client.host.startsWith('/')) return false;
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  const pid = rows[0]?.pid;
  if (pid === undefined) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  return command.startsWith('postgres') && stepBack(pid);
};
