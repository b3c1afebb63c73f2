#!/usr/bin/env node
import { CommanderError } from 'commander';
import { exitCodeOf, exitCodes, isExpected } from './exitCodes.js';
import { reellogProgram } from './program.js';
import { withoutAddresses } from './terminal/withoutAddresses.js';

const program = reellogProgram();

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
    const said = verbose || !isExpected(error) ? trace : message;
    process.stderr.write(`${withoutAddresses(said)}\n`);
    process.exitCode = exitCodeOf(error);
  }
}
