import { open, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { isAlive } from '../../postgres/embedded/leftovers.js';
import { UnusableExport } from './manifest.js';

const LOCK = '.lock';

const isThere = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'EEXIST';

/**
 * Keeps others from writing to a folder meanwhile; what a killed process left is taken over.
 * @returns lets others write again
 * @throws {UnusableExport} another process is writing to it
 */
export const lockFolder = async (folder: string): Promise<() => Promise<void>> => {
  const path = join(folder, LOCK);
  for (let again = true; ; again = false) {
    try {
      const file = await open(path, 'wx');
      await file.writeFile(String(process.pid));
      await file.close();
      return () => rm(path, { force: true });
    } catch (error) {
      if (!isThere(error)) throw error;
      const holder = Number(await readFile(path, 'utf8').catch(() => ''));
      if (!again || (holder > 0 && holder !== process.pid && isAlive(holder))) {
        throw new UnusableExport(`Another export (process ${holder}) is writing to ${folder}.`);
      }
      await rm(path, { force: true });
    }
  }
};
