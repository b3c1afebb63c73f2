import { join } from 'node:path';
import { compileStarted, STARTED_FROM } from './compiling.js';

const home = process.env[STARTED_FROM] ?? (await compileStarted());

/** The path of a compiled source that can be started. @param path below `src`, ending in `.js` */
export const compiledSource = (path: string): string => join(home, 'src', path);

/** The same of a script of the tests. @param path below `test`, ending in `.js` */
export const compiledScript = (path: string): string => join(home, 'test', path);
