import { removeSharedServer } from './database.js';

/** mocha's global fixture: what the whole run shared is ended with it. */
export const mochaGlobalTeardown = async (): Promise<void> => {
  await removeSharedServer();
};
