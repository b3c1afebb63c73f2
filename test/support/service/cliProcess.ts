import { spawn } from 'node:child_process';
import { expect } from 'chai';
import { once } from 'node:events';
import { compiledSource } from '../run/compiledSource.js';
import { logVariablesOf } from '../postgres/eventLog.js';
import { eventually } from '../run/eventually.js';
import { runHosted } from './hostedCli.js';

/** Settings by environment variable; `undefined` takes one away. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** What a `reellog` command said, and how it ended. */
export interface CliResult {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  /** But for lines of how far it is, which come where something takes long: on a busy machine anything may. */
  readonly stderr: string;
}

/** A `reellog` command in a process of its own. */
export interface CliProcess {
  readonly pid: number;
  readonly ended: Promise<CliResult>;
  /** What it has said so far. */
  said(): string;
  kill(signal: NodeJS.Signals): void;
  /** Reads no more of its output, as `head` does; what it has said until then may be in part. */
  closeOutput(): void;
  /** Sends a signal and waits for the end, if it has not ended. */
  end(signal: NodeJS.Signals): Promise<CliResult>;
}

/** `reellog serve`, with what it said when it was ready. */
export interface ServeProcess extends CliProcess {
  readonly url: string;
  /** The owner's token, where it was shown. */
  readonly token: string | undefined;
}

/** Commands are not to be steered by the settings of whoever runs the tests. */
const environment = (settings: Settings): Readonly<Record<string, string>> => {
  const all = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !OURS.test(name))),
    ...logVariablesOf(settings.DATABASE_URL ?? settings.REELLOG_DATA_DIR ?? ''),
    ...settings,
  };
  return Object.fromEntries(
    Object.entries(all).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
};

const OURS = /^(REELLOG_.*|DATABASE_URL|EVENTSTORE_.*|HOST|PORT)$/;
const PROGRESS = /^.+: (.+, )?\d+ of \d+ .+, \d+( events)?\/s, .+\n/gm;

/** Starts a command, from the sources as they are. */
export const startCli = (args: readonly string[], settings: Settings = {}): CliProcess => {
  const child = spawn(process.execPath, [compiledSource('infra/cli/main.js'), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment(settings),
  });
  const { pid } = child;
  if (pid === undefined) throw new Error('the process could not be started');
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // After `close`, and not after `exit` already, everything that it said has been read.
  const ended = once(child, 'close').then(() => ({
    ...{ code: child.exitCode, signal: child.signalCode, stdout },
    stderr: stderr.replace(PROGRESS, ''),
  }));
  const kill = (signal: NodeJS.Signals): void => {
    child.kill(signal);
  };
  return {
    ...{ pid, ended, kill },
    said: () => stdout + stderr,
    closeOutput: () => {
      child.stdout.destroy();
    },
    end: (signal) => {
      kill(signal);
      return ended;
    },
  };
};

/** They stay, and have more to them than a command. */
const SERVICES = new Set<string | undefined>(['serve', 'demo']);
const startedAlone = new Set<string | undefined>();

/**
 * Runs a command to its end. The first of each name is a process of its own, as it is for a user, and so are services
 * and what has settings for Node.js or the system; others share processes.
 */
export const runCli = async (
  args: readonly string[],
  settings: Settings = {},
): Promise<CliResult> => {
  const [name] = args;
  const isAlone =
    SERVICES.has(name) ||
    !startedAlone.has(name) ||
    !Object.keys(settings).every((setting) => OURS.test(setting));
  startedAlone.add(name);
  if (isAlone) return startCli(args, settings).ended;
  const { stderr, ...result } = await runHosted(args, environment(settings));
  return { ...result, stderr: stderr.replace(PROGRESS, '') };
};

/** Commands run on one database, which may not be there yet. */
export const reellogOn = (connectionString: () => string) => {
  const reellog = (...args: readonly string[]): Promise<CliResult> =>
    runCli(args, { DATABASE_URL: connectionString() });
  return {
    reellog,
    /** Runs a command that must succeed, without a word on standard error. @returns what it printed */
    done: async (...args: readonly string[]): Promise<string> => {
      const { code, stdout, stderr } = await reellog(...args);
      expect({ code, stderr }, args.join(' ')).to.deep.equal({ code: 0, stderr: '' });
      return stdout;
    },
    /** Runs commands that must be refused as used wrongly. @returns what each said */
    refused: async (...commands: readonly (readonly string[])[]): Promise<readonly string[]> => {
      const results = await Promise.all(commands.map((args) => reellog(...args)));
      for (const { code, stdout } of results) {
        expect({ code, stdout }).to.deep.equal({ code: 2, stdout: '' });
      }
      return results.map(({ stderr }) => stderr);
    },
  };
};

/** Starts `reellog serve` on any free port and waits until it serves. */
export const startServe = async (settings: Settings): Promise<ServeProcess> => {
  const serving = startCli(['serve'], {
    ...{ PORT: '0', REELLOG_WRITE_LIMIT: '0', REELLOG_TIMEZONE: 'UTC' },
    ...settings,
  });
  const found = (pattern: RegExp) => pattern.exec(serving.said())?.[1];
  // Printed in one piece with the lines around it.
  const ready = eventually(
    'reellog serves',
    () => found(/(API documentation: .+\n)/) !== undefined,
  );
  const failed = serving.ended.then(() => {
    throw new Error(`reellog serve ended:\n${serving.said()}`);
  });
  try {
    await Promise.race([ready, failed]);
  } catch (error) {
    ready.catch(() => undefined);
    await serving.end('SIGKILL');
    throw error;
  }
  failed.catch(() => undefined);
  const url = found(/serves at (\S+)\n/) ?? '';
  return { ...serving, url, token: found(/token[^:]*: (\S+)\n/) };
};
