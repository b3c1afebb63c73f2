import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('..', import.meta.url));
const { scripts } = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as {
  scripts: { reellog: string };
};
/** What `npm run reellog` gives to Node. */
const asThePackageDoes = scripts.reellog.split(' ').slice(1);
const START_MS = 60_000;

type Environment = Readonly<Record<string, string>>;

/** Runs `reellog` to its end. @returns what it wrote on standard output */
export const runReellog = async (
  args: readonly string[],
  environment: Environment,
  limitMs: number,
): Promise<string> => {
  const { stdout } = await promisify(execFile)(process.execPath, [...asThePackageDoes, ...args], {
    cwd: root,
    env: { ...process.env, ...environment },
    timeout: limitMs,
  });
  return stdout;
};

export interface ServedReellog {
  readonly url: string;
  readonly token: string;
  stop(): Promise<void>;
}

/** Serves from a new data folder, on any port. */
export const serveReellog = async (environment: Environment): Promise<ServedReellog> => {
  const child = spawn(process.execPath, [...asThePackageDoes, 'serve'], {
    cwd: root,
    env: { ...process.env, PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'inherit'],
    timeout: 30 * START_MS,
  });
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const gone = once(child, 'exit');
    child.kill('SIGTERM');
    await gone;
  };
  try {
    return { ...(await announced(child)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
};

const announced = async (
  child: ChildProcess,
): Promise<{ readonly url: string; readonly token: string }> => {
  if (!child.stdout) throw new Error('serve has no standard output');
  const lines = createInterface({ input: child.stdout, signal: AbortSignal.timeout(START_MS) });
  let url: string | undefined;
  for await (const line of lines) {
    url ??= /serves at (\S+)/.exec(line)?.[1];
    const token = /token.*: (\S+)/.exec(line)?.[1];
    if (url !== undefined && token !== undefined) return { url, token };
  }
  throw new Error('serve ended before it was ready');
};
