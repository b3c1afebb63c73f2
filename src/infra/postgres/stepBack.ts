import { readdirSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { getPriority, setPriority } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
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
    for (const thread of threadsOf(pid)) {
      setPriority(thread, Math.min(NICEST, getPriority(thread) + NICER));
    }
    return true;
  } catch {
    return false;
  }
};

/** Lets this thread alone go behind all others; only on Linux, where it can be told apart from its process. */
export const threadStepsBack = (): void => {
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

/** Who may not administer the system may change so many groups: one, in as many milliseconds, of all there are. */
const GROUP_MS = 100;
const GROUP_ATTEMPTS = 50;

/**
 * Lets a session of processes go behind all others: where Linux gives sessions equal parts of the CPU, niceness counts
 * inside each of them only (sched(7), "The autogroup feature"). A session that the process does not lead is somebody
 * else's and stays where it is.
 * @param leader its process; each that serves a session of PostgreSQL leads one
 */
export const groupStepsBack = async (leader: number): Promise<void> => {
  const group = `/proc/${leader}/autogroup`;
  for (let attempt = 0; attempt < GROUP_ATTEMPTS; attempt += 1) {
    try {
      if ((await sessionOf(leader)) !== leader) return;
      await writeFile(group, String(NICER));
      return;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) return;
    }
    await sleep(GROUP_MS * (1 + Math.random()), undefined, { ref: false });
  }
};

/** The sixth field of what the kernel tells of a process, after its name in brackets (proc(5)). */
const sessionOf = async (pid: number): Promise<number> => {
  const told = await readFile(`/proc/${pid}/stat`, 'utf8');
  return Number(told.slice(told.lastIndexOf(')') + 2).split(' ')[3]);
};

/**
 * The same for the process that PostgreSQL serves a session with, where that is on this machine: the sessions of a
 * service then come first.
 * @returns whether it steps back
 */
export const sessionStepsBack = async (client: pg.ClientBase): Promise<boolean> => {
  const { rows } = await client.query<{ pid: number; socket: boolean }>(
    'select pg_backend_pid() as pid, inet_client_addr() is null as socket',
  );
  const [{ pid, socket } = { pid: 0, socket: false }] = rows;
  // Through a socket it is on this machine, if perhaps in a container that counts its processes otherwise.
  if (!socket) return false;
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
  if (!command.startsWith('postgres')) return false;
  // It may have to wait for its turn to ask, and nobody need wait for that.
  void groupStepsBack(pid);
  return stepBack(pid);
};
