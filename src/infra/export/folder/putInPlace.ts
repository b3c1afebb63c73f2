import { open, rename } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Makes sure that what was written to a file or folder survives a loss of power. */
const sync = async (path: string, flags: 'r' | 'r+'): Promise<void> => {
  const file = await open(path, flags);
  try {
    await file.sync();
  } finally {
    await file.close();
  }
};

/** A folder's entries survive as well; where folders cannot be opened, as on Windows, the system sees to it. */
export const syncFolder = (folder: string): Promise<void> =>
  process.platform === 'win32' ? Promise.resolve() : sync(folder, 'r');

/** Gives a whole file its name: whoever finds it by that name finds all of it. */
export const moveInPlace = async (from: string, to: string): Promise<void> => {
  await sync(from, 'r+');
  await rename(from, to);
  await syncFolder(dirname(to));
};

/** Replaces a small file by a whole one. */
export const putInPlace = async (path: string, text: string): Promise<void> => {
  const unfinished = `${path}.new`;
  const file = await open(unfinished, 'w');
  try {
    await file.writeFile(text);
  } finally {
    await file.close();
  }
  await moveInPlace(unfinished, path);
};
