import { execFile } from 'node:child_process';
import { readFile, realpath, stat } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The system account a server runs as, when that is not our own. */
export interface ServerAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/** The first account of this machine, root apart, that is as wanted. */
export const accountWhere = async (
  wanted: (account: ServerAccount) => boolean,
): Promise<ServerAccount | undefined> => {
  const passwd = await readFile('/etc/passwd', 'utf8');
  return passwd
    .split('\n')
    .map((line) => line.split(':'))
    .map(([name = '', , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }))
    .find((account) => account.uid > 0 && Number.isInteger(account.gid) && wanted(account));
};

const account = (name: string) => accountWhere((candidate) => candidate.name === name);

const created = async (name: string): Promise<ServerAccount | undefined> => {
  try {
    await run('useradd', ['--system', '--user-group', '--no-create-home', name], {
      timeout: 10_000,
    });
  } catch {
    // No useradd (a small container), or not allowed: there is `nobody` still.
  }
  return account(name);
};

/**
 * PostgreSQL refuses to run as root, and on files of another account. Started by root it runs as the owner
 * of the cluster that is there; for a new one it gets an unprivileged account: `postgres` where it exists,
 * else a system account `reellog`, made at need, else `nobody`. Not started by root it runs as we do.
 */
export const serverAccount = async (owner?: number): Promise<ServerAccount | undefined> => {
  if (process.getuid?.() !== 0) return undefined;
  const found =
    (owner === undefined ? undefined : await accountWhere(({ uid }) => uid === owner)) ??
    (await account('postgres')) ??
    (await account('reellog')) ??
    (await created('reellog')) ??
    (await account('nobody'));
  if (!found) {
    throw new Error(
      'PostgreSQL does not run as root and there is no account for it: make one called "reellog", ' +
        'start Reellog as another user, or set DATABASE_URL.',
    );
  }
  return found;
};

/** Whether an account can enter every folder on the way to a path; what does not exist yet is no obstacle. */
export const canReach = async (path: string, who: ServerAccount): Promise<boolean> => {
  const folder = await realpath(path).catch(() => resolve(path));
  const status = await stat(folder).catch(() => undefined);
  if (status) {
    const bits =
      status.uid === who.uid
        ? status.mode >> 6
        : status.gid === who.gid
          ? status.mode >> 3
          : status.mode;
    if ((bits & 0o1) === 0) return false;
  }
  const parent = dirname(folder);
  return parent === folder || canReach(parent, who);
};
