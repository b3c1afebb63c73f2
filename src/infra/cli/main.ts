#!/usr/bin/env node
import { Command, CommanderError } from 'commander';
import { addDemo } from './demo.js';
import { addEvents } from './events.js';
import { exitCodeHelp, exitCodeOf, exitCodes, isExpected } from './exitCodes.js';
import { addImport } from './import.js';
import { addMigrate } from './migrateCommand.js';
import { addProjections } from './projectionsCommand.js';
import { addRebuild } from './rebuild.js';
import { addServe } from './serve.js';
import { addToken } from './token.js';
import { version } from '../composition.js';

const program = new Command('reellog')
  .description('Films and the watching people do with them, as a history that is never lost.')
  .version(version)
  .option('--verbose', 'show where an error comes from')
  .showHelpAfterError('(see --help)')
  .addHelpText('after', exitCodeHelp)
  .exitOverride();

addServe(program);
addDemo(program);
addImport(program);
addEvents(program);
addProjections(program);
addRebuild(program);
addMigrate(program);
addToken(program);

// The reader of a pipe may go away at any time: no reason to fail.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(exitCodes.ok);
  throw error;
});

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
  } else {
    const verbose = program.opts<{ verbose?: true }>().verbose === true;
    const message = error instanceof Error ? error.message : String(error);
    const trace = error instanceof Error ? (error.stack ?? message) : message;
    process.stderr.write(`${verbose || !isExpected(error) ? trace : message}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
