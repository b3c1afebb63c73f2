import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../../../shared/data/images/', import.meta.url));

/** Whether the pictures to test with are there; they may not be passed on with the project. */
export const hasSharedImages = (): boolean => existsSync(folder);

/** The names of the pictures in one of the folders. */
export const sharedImages = (name: string): readonly string[] => readdirSync(join(folder, name));

/** `good/sharp-p3.png`. */
export const sharedImage = (path: string): Buffer => readFileSync(join(folder, path));
