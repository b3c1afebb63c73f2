import { Command } from 'commander';
import { version } from '../version.js';
import { addDemo } from './serve/demo.js';
import { addEvents } from './log/events.js';
import { exitCodeHelp } from './exitCodes.js';
import { addExport } from './log/exportCommand.js';
import { addImport } from './import/import.js';
import { addJobs } from './serve/jobsCommand.js';
import { addLog } from './log/logCommand.js';
import { addParked } from './readModels/parked/parkedCommand.js';
import { addMigrate } from './serve/migrateCommand.js';
import { addProjections } from './readModels/projectionsCommand.js';
import { addRebuild } from './readModels/rebuild/rebuildCommand.js';
import { addReplay } from './readModels/replayCommand.js';
import { addServe } from './serve/serve.js';
import { addSql } from './log/sqlCommand.js';
import { addSync } from './serve/syncCommand.js';
import { addToken } from './accounts/token.js';
import { addVerify } from './readModels/verify/verifyCommand.js';
import { withoutAddresses } from './terminal/withoutAddresses.js';

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
  addSync(program);
  addMigrate(program);
  addToken(program);
  return program;
};
