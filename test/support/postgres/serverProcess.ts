import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiledScript } from '../run/compiledSource.js';

/** What a process of its own said about the server that it started, or why it did not. */
export type Started =
  { readonly connectionString: string; readonly pid: number } | { readonly error: string };

/** A Node.js process that starts an embedded server, to be killed. */
export interface ServerProcess {
  readonly pid: number;
  /** The process runs and is about to start its server. */
  readonly starting: Promise<void>;
  readonly started: Promise<Started>;
  /** Sends a signal and waits until the process is gone. */
  end(signal: NodeJS.Signals): Promise<void>;
}

const script = compiledScript('support/postgres/embeddedServerProcess.js');

export const startServerProcess = (
  dataDir: string,
  options: {
    readonly account?: { readonly uid: number; readonly gid: number };
    readonly env?: Readonly<Record<string, string>>;
  } = {},
): ServerProcess => {
  const child: ChildProcess = spawn(process.execPath, [script, dataDir], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...options.env },
    ...options.account,
  });
  const { pid, stdout } = child;
  if (pid === undefined || !stdout) throw new Error('the process could not be started');
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const line = async (): Promise<string> => {
    const next: IteratorResult<string, unknown> = await lines.next();
    if (next.done) throw new Error('the process ended without a word');
    return next.value;
  };
  const starting = line().then(() => undefined);
  const started = starting.then(line).then((text) => JSON.parse(text) as Started);
  // Whoever kills the process before it has spoken does not wait for these.
  started.catch(() => undefined);
  return {
    pid,
    starting,
    started,
    end: async (signal) => {
      const gone = once(child, 'exit');
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill(signal);
      await gone;
    },
  };
};
