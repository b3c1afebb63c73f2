import { getActiveResourcesInfo } from 'node:process';
import { removeSharedServer } from '../postgres/database.js';
import { closeEventLogs } from '../postgres/eventLog.js';
import { endRun } from './runEnd.js';

/** What is still open so long after the last test was left open by one. */
const END_MS = 20_000;

/** mocha's global fixture: what the whole run shared is ended with it, and a run that something holds up, too. */
export const mochaGlobalTeardown = async (): Promise<void> => {
  await endRun();
  await removeSharedServer();
  await closeEventLogs();
  // Does not itself keep the run from ending.
  setTimeout(() => {
    console.error(`The run does not end; still open: ${getActiveResourcesInfo().join(', ')}`);
    // mocha's own would make this the number of failed tests.
    process.removeAllListeners('exit');
    process.exit(1);
  }, END_MS).unref();
};
