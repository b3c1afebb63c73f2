import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

export const root = fileURLToPath(new URL('../..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  scripts: { reellog: string };
};
/** What `npm run reellog` gives to Node. */
const asThePackageDoes = scripts.reellog.split(' ').slice(1);
const START_MS = 60_000;
const CATCH_UP_MS = 5 * START_MS;

export type Environment = Readonly<Record<string, string>>;

/** As much as can be set: the limits count, but do not refuse. */
const NO_LIMITS = { REELLOG_READ_LIMIT: '1000000', REELLOG_WRITE_LIMIT: '1000000' };

/** Starts `reellog`; its standard output is to be read, and where it is a `pipe` its standard error, too. */
export const startReellog = (
  args: readonly string[],
  environment: Environment,
  standardError: 'inherit' | 'pipe' = 'inherit',
): ChildProcess =>
  spawn(process.execPath, [...asThePackageDoes, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', standardError],
    timeout: 30 * START_MS,
  });

/** Runs `reellog` to its end. @returns what it wrote on standard output */
export const runReellog = async (
  args: readonly string[],
  environment: Environment,
  limitMs: number,
): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...asThePackageDoes, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    ...{ timeout: limitMs, maxBuffer: 1 << 28 },
  });
  return stdout;
};

/** Ends what was started, and waits until it has ended. */
export const stopChild = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  await gone;
};

/** Serves from a data folder on any port, for as long as the work takes. */
export const withService = async <T>(
  dataDir: string,
  work: (url: string, pid: number) => Promise<T>,
  environment: Environment = {},
): Promise<T> => {
  const settings = { PORT: '0', REELLOG_DATA_DIR: dataDir, ...NO_LIMITS, ...environment };
  const child = startReellog(['serve'], settings);
  try {
    return await work(await announcedUrl(child), child.pid ?? Number.NaN);
  } finally {
    await stopChild(child);
  }
};

/** Where a service that was just started says that it is. */
export const announcedUrl = async ({ stdout }: ChildProcess): Promise<string> => {
  if (!stdout) throw new Error('serve has no standard output');
  const lines = createInterface({ input: stdout, signal: AbortSignal.timeout(START_MS) });
  for await (const line of lines) {
    const url = /serves at (\S+)/.exec(line)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error('serve ended before it was ready');
};

/**
 * Serves from a data folder until its reactions have seen the whole log, which an import leaves to the next service:
 * rows measure what a service does that has nothing left to do.
 */
export const letReactionsCatchUp = async (
  dataDir: string,
  environment: Environment = {},
): Promise<void> => {
  const settings = { PORT: '0', REELLOG_DATA_DIR: dataDir, REELLOG_LOG_LEVEL: 'info' };
  const child = startReellog(['serve'], { ...settings, ...environment }, 'pipe');
  try {
    if (!child.stderr) throw new Error('serve has no standard error');
    const signal = AbortSignal.timeout(CATCH_UP_MS);
    for await (const line of createInterface({ input: child.stderr, signal })) {
      if (line.includes('a reaction has caught up with the log')) return;
    }
    throw new Error('serve ended before its reactions had caught up');
  } finally {
    await stopChild(child);
  }
};
