import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { startReellog, stopChild, type Environment } from '../measuring/commandLine.js';

/** What `reellog rebuild --json` says in the end, and what its process took of memory meanwhile. */
export interface RebuildRun {
  readonly events: number;
  readonly seconds: number;
  readonly eventsPerSecond: number;
  /** What its processes took of the CPU, PostgreSQL's among them, from start to end. */
  readonly cpuSeconds: number;
  /** Of the rebuild's process, as the kernel tells it: at most, in the first half of the time and in the second. */
  readonly megabytes: { readonly early: number; readonly late: number };
}

const SAMPLE_MS = 100;
const LIMIT_MS = 15 * 60_000;

/** Rebuilds read models in a data folder from the command line, as an operator does. */
export const runRebuild = async (
  dataDir: string,
  names: readonly string[] | 'all',
  environment: Environment = {},
): Promise<RebuildRun> => {
  const args = ['rebuild', ...(names === 'all' ? ['--all'] : names), '--json'];
  const cpuBefore = await cpuOfEndedChildren();
  const child = startReellog(args, { REELLOG_DATA_DIR: dataDir, ...environment });
  const { pid, stdout } = child;
  if (pid === undefined || !stdout) throw new Error('the rebuild could not be started');
  const ended = once(child, 'exit', { signal: AbortSignal.timeout(LIMIT_MS) });
  const said = text(stdout);
  const watched = new AbortController();
  const samples = residentMegabytes(pid, watched.signal);
  try {
    const [code] = (await ended) as [number | null];
    if (code !== 0) throw new Error(`the rebuild ended with ${String(code)}`);
    watched.abort();
    const summary = JSON.parse(await said) as Omit<RebuildRun, 'megabytes' | 'cpuSeconds'>;
    const taken = await samples;
    const half = taken.length / 2;
    const megabytes = {
      early: Math.max(...taken.slice(0, Math.ceil(half))),
      late: Math.max(...taken.slice(Math.floor(half))),
    };
    return { ...summary, megabytes, cpuSeconds: (await cpuOfEndedChildren()) - cpuBefore };
  } finally {
    watched.abort();
    await stopChild(child);
  }
};

/** What a process takes of memory, again and again until the signal; where there is no /proc, nothing is known. */
const residentMegabytes = async (pid: number, signal: AbortSignal): Promise<readonly number[]> => {
  const samples: number[] = [];
  while (!signal.aborted) {
    const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
    const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
    if (kilobytes !== undefined) samples.push(Number(kilobytes) / 1024);
    await sleep(SAMPLE_MS, undefined, { signal }).catch(() => undefined);
  }
  return samples.length > 0 ? samples : [Number.NaN];
};

/** Seconds of the CPU that processes took which this one started, and theirs, once they have ended (proc(5)). */
const cpuOfEndedChildren = async (): Promise<number> => {
  const stat = await readFile('/proc/self/stat', 'utf8').catch(() => '');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  // In clock ticks, of which Linux shows a hundred a second everywhere.
  return (Number(fields[13]) + Number(fields[14])) / 100;
};
