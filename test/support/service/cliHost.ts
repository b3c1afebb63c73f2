import { readdirSync } from 'node:fs';
import { getPriority, setPriority } from 'node:os';
import { pathToFileURL } from 'node:url';
// What is not the command line's main module alone is loaded once, for all commands.
import '../../../src/infra/cli/program.js';

/** A command, and the whole environment that it finds. */
export interface HostedCommand {
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  /** Ends what it wrote to each of its streams. */
  readonly mark: string;
}

/** How a command ended, where it did not end the process with it. */
export interface HostedEnd {
  readonly code: number;
  /** What it changed in the process stays so: no other may follow. */
  readonly isSpent: boolean;
}

/** What Node.js ends with when a module waits for what never comes. */
const NEVER_LOADED = 13;

/** Started by `hostedCli` to run `reellog` commands one after the other, each as it would run alone. */
const [, , main = ''] = process.argv;
const usual = getPriority();
let count = 0;

/** Gives back what a rebuild gave away: not everybody may. @returns whether it has it */
const comesForward = (): boolean => {
  try {
    if (getPriority() === usual) return true;
    for (const thread of readdirSync('/proc/self/task').map(Number)) setPriority(thread, usual);
    return true;
  } catch {
    return false;
  }
};

process.on('message', (command: HostedCommand) => {
  process.argv.splice(2, process.argv.length, ...command.args);
  for (const name of Object.keys(process.env)) Reflect.deleteProperty(process.env, name);
  Object.assign(process.env, command.environment);
  process.exitCode = undefined;
  let isLoaded = false;
  // A main module is run once under each address.
  void import(`${pathToFileURL(main).href}?${(count += 1)}`).then(() => (isLoaded = true));
  // As a process of its own it would end when nothing is left to wait for, and not before.
  process.channel?.unref();
  process.once('beforeExit', (code) => {
    process.channel?.ref();
    for (const signal of ['SIGINT', 'SIGTERM']) process.removeAllListeners(signal);
    process.stdout.removeAllListeners('error');
    process.stdout.write(command.mark);
    process.stderr.write(command.mark);
    process.exitCode = undefined;
    const end: HostedEnd = { code: isLoaded ? code : NEVER_LOADED, isSpent: !comesForward() };
    process.send?.(end);
  });
});
// Whoever started it may have been killed.
process.once('disconnect', () => process.exit());
