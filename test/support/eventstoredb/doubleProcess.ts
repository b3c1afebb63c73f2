import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { compiledScript } from '../run/compiledSource.js';

/** What the process says when it is ready. */
export interface ProcessAnnouncement {
  readonly connectionString: string;
  readonly caFile?: string;
  readonly ports: readonly number[];
}

/** The double as a process of its own: to be killed, stopped and continued, or kept out of a measurement. */
export interface DoubleProcess extends ProcessAnnouncement {
  readonly pid: number;
  /** Has a command of `commands.ts` obeyed, such as `kill 0`, and gives what it answers. */
  command(line: string): Promise<Readonly<Record<string, unknown>>>;
  /** Sends a signal and does not wait: SIGSTOP makes it a server that hangs, SIGCONT goes on. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal and waits until the process is gone. */
  end(signal?: NodeJS.Signals): Promise<void>;
}

const script = compiledScript('support/eventstoredb/main.js');

/** Starts `main.ts` with these arguments, such as `--nodes 3 --tls --data FILE`. */
export const startDoubleProcess = async (
  options: readonly string[] = [],
): Promise<DoubleProcess> => {
  const child = spawn(process.execPath, [script, '--commands', ...options], {
    // The channel is how the double knows that whoever started it is gone.
    stdio: ['pipe', 'pipe', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  const { pid, stdin, stdout } = child;
  if (pid === undefined || stdin === null || stdout === null) {
    throw new Error('the process could not be started');
  }
  const lines = createInterface({ input: stdout })[Symbol.asyncIterator]();
  const answer = async (): Promise<unknown> => {
    const line: IteratorResult<string, unknown> = await lines.next();
    if (line.done === true) throw new Error('the double ended without a word');
    return JSON.parse(line.value);
  };
  const announcement = (await answer()) as ProcessAnnouncement;

  return {
    ...announcement,
    pid,
    command: async (line) => {
      stdin.write(`${line}\n`);
      const said = (await answer()) as Readonly<Record<string, unknown>>;
      if ('failed' in said) throw new Error(String(said.reason));
      return said;
    },
    signal: (name) => {
      child.kill(name);
    },
    end: async (signal = 'SIGTERM') => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await gone;
    },
  };
};
