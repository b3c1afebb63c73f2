import { Command } from 'commander';
import { version } from '../version.js';
import { addDemo } from './demo.js';
import { addEvents } from './events.js';
import { exitCodeHelp } from './exitCodes.js';
import { addExport } from './exportCommand.js';
import { addImport } from './import.js';
import { addJobs } from './jobsCommand.js';
import { addLog } from './logCommand.js';
import { addParked } from './parked/parkedCommand.js';
import { addMigrate } from './migrateCommand.js';
import { addProjections } from './projectionsCommand.js';
import { addRebuild } from './rebuild/rebuildCommand.js';
import { addReplay } from './replayCommand.js';
import { addServe } from './serve.js';
import { addSql } from './sqlCommand.js';
import { addToken } from './token.js';
import { addVerify } from './verify/verifyCommand.js';
import { withoutAddresses } from './withoutAddresses.js';

/** The command line: every command with its options and help. It throws instead of ending the process. */
export const reellogProgram = (): Command => {
  const program = new Command('reellog')
    .description('Films and the watching people do with them, as a history that is never lost.')
    .version(version)
    .option('--verbose', 'show where an error comes from')
    .showHelpAfterError('(see --help)')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog demo\n  reellog serve\n  reellog import movielens ml-latest-small\n',
    )
    .addHelpText('after', exitCodeHelp)
    .configureOutput({
      outputError: (text, write) => {
        write(withoutAddresses(text));
      },
    })
    .exitOverride();

  addServe(program);
  addDemo(program);
  addImport(program);
  addEvents(program);
  addExport(program);
  addSql(program);
  addLog(program);
  addProjections(program);
  addParked(program);
  addRebuild(program);
  addVerify(program);
  addReplay(program);
  addJobs(program);
  addMigrate(program);
  addToken(program);
  return program;
};
