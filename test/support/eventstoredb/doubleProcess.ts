import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** What the process says when it is ready. */
export interface ProcessAnnouncement {
  readonly connectionString: string;
  readonly caFile?: string;
  readonly ports: readonly number[];
}

/** The double as a process of its own: to be killed, stopped and continued, or kept out of a measurement. */
export interface DoubleProcess extends ProcessAnnouncement {
  readonly pid: number;
  /** Sends a signal and does not wait: SIGSTOP makes it a server that hangs, SIGCONT goes on. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal and waits until the process is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

const script = fileURLToPath(new URL('main.ts', import.meta.url));

/** Starts `main.ts` with these arguments, such as `--nodes 3 --tls --data FILE`. */
export const startDoubleProcess = async (
  options: readonly string[] = [],
): Promise<DoubleProcess> => {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...options], {
    // The channel is how the double knows that whoever started it is gone.
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const { pid } = child;
  if (pid === undefined) throw new Error('the process could not be started');
  const end = async (signal: NodeJS.Signals = 'SIGTERM'): Promise<void> => {
    if (child.exitCode === null && child.signalCode === null) child.kill(signal);
    await gone;
  };
  if (child.stdout === null) throw new Error('the process has no output');
  for await (const line of createInterface({ input: child.stdout })) {
    const announcement = JSON.parse(line) as ProcessAnnouncement;
    return { ...announcement, pid, signal: (name) => void child.kill(name), end };
  }
  await end();
  throw new Error('the double ended without a word');
};
