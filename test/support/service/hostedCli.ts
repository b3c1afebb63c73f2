import { spawn, type ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import type { HostedCommand, HostedEnd } from './cliHost.js';
import { compiledScript, compiledSource } from '../run/compiledSource.js';
import { atRunsEnd } from '../run/runEnd.js';

/** How a command ended, and what it wrote. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A process that runs commands, one after the other. */
interface Host {
  readonly run: (command: HostedCommand) => Promise<Ended>;
  /** Whether it can run another. */
  isLeft(): boolean;
  end(): Promise<void>;
}

/** More would wait for the processor. */
const AT_ONCE = 2;

const startHost = (environment: NodeJS.ProcessEnv): Host => {
  const host: ChildProcess = spawn(
    process.execPath,
    [compiledScript('support/service/cliHost.js'), compiledSource('infra/cli/main.js')],
    { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: environment },
  );
  const said = { stdout: '', stderr: '' };
  const heard = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    host[name]?.setEncoding('utf8').on('data', (text: string) => {
      said[name] += text;
      for (const listener of heard) listener();
    });
  }
  let isLeft = true;
  const closed = once(host, 'close').then(() => {
    isLeft = false;
    return { code: host.exitCode, signal: host.signalCode, ...said };
  });

  /** Takes what a command wrote, once all of it has come. */
  const taken = (mark: string): Promise<Pick<Ended, 'stdout' | 'stderr'>> =>
    new Promise((resolve) => {
      const look = (): void => {
        if (!said.stdout.endsWith(mark) || !said.stderr.endsWith(mark)) return;
        heard.delete(look);
        const { stdout, stderr } = said;
        said.stdout = said.stderr = '';
        resolve({ stdout: stdout.slice(0, -mark.length), stderr: stderr.slice(0, -mark.length) });
      };
      heard.add(look);
      look();
    });

  return {
    run: async (command) => {
      const written = taken(command.mark);
      const told = new Promise<HostedEnd>((resolve) => host.once('message', resolve));
      host.send(command);
      const ended = Promise.all([told, written]).then(([{ code, isSpent }, { stdout, stderr }]) => {
        if (isSpent) {
          isLeft = false;
          host.kill();
        }
        return { code, signal: null, stdout, stderr };
      });
      return Promise.race([ended, closed]);
    },
    isLeft: () => isLeft,
    end: async () => {
      host.kill('SIGKILL');
      await closed;
    },
  };
};

const hosts: (Host | undefined)[] = Array.from({ length: AT_ONCE }, () => undefined);
const free = hosts.map((_, nth) => nth);
const waiting: ((nth: number) => void)[] = [];

/**
 * Runs a `reellog` command to its end in a process that has run others: to start one and have it read its modules
 * takes longer than most commands do.
 */
export const runHosted = async (
  args: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Ended> => {
  const nth = free.pop() ?? (await new Promise<number>((resolve) => waiting.push(resolve)));
  try {
    let host = hosts[nth];
    if (!host?.isLeft()) hosts[nth] = host = startHost(environment);
    return await host.run({ args, environment, mark: `\n${randomUUID()}\n` });
  } finally {
    const next = waiting.shift();
    if (next) next(nth);
    else free.push(nth);
  }
};

atRunsEnd(async () => {
  for (const host of hosts) await host?.end();
});
