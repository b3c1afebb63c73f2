import { execFile } from 'node:child_process';
import { access, readdir, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { accountWhere } from './serverAccount.js';
import { ServerStartFailed } from './serverProcess.js';

const run = promisify(execFile);

/** A command with what it needs to run. */
export interface NamedCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
}

/** Where systems keep their libraries; on Debian in a folder of the machine's kind. */
const LIBRARY_FOLDERS = ['/usr/lib', '/usr/lib64'];
const WRAPPER = 'libnss_wrapper.so';
const PROBE_MS = 10_000;

/**
 * How to run a program of PostgreSQL that asks the system for the name of its user. Containers are started with user
 * ids that have none (`docker run --user`, OpenShift). Then nss_wrapper gives it one, which the image brings, or a user
 * namespace in which it appears as another user.
 * @param folder for files, which the caller removes
 * @throws {ServerStartFailed} there is neither
 */
export const namedProcess = async (
  program: string,
  args: readonly string[],
  folder: string,
): Promise<NamedCommand> => {
  if (hasName()) return { command: program, args, environment: {} };
  const wrapper = await wrapperLibrary();
  if (wrapper !== undefined) {
    return { command: program, args, environment: await wrapped(wrapper, folder) };
  }
  const mapping = await userNamespace();
  if (mapping) return { command: 'unshare', args: [...mapping, program, ...args], environment: {} };
  throw new ServerStartFailed(
    `PostgreSQL makes no database for a user without a name, and the user id ${userId()} has none here. Install ` +
      'nss_wrapper (libnss-wrapper in Debian), give the user id a line in /etc/passwd, start Reellog as a user that ' +
      'has a name, or set DATABASE_URL to a PostgreSQL server of your own.',
  );
};

const userId = (): number => process.geteuid?.() ?? 0;

const hasName = (): boolean => {
  try {
    userInfo();
    return true;
  } catch {
    return false;
  }
};

const wrapperLibrary = async (): Promise<string | undefined> => {
  for (const folder of LIBRARY_FOLDERS) {
    const entries = await readdir(folder, { withFileTypes: true }).catch(() => []);
    const inside = entries.filter((entry) => entry.isDirectory() && entry.name.includes('-linux-'));
    for (const place of [folder, ...inside.map(({ name }) => join(folder, name))]) {
      const path = join(place, WRAPPER);
      if (await access(path).then(...yesOrNo)) return path;
    }
  }
  return undefined;
};

const yesOrNo = [() => true, () => false] as const;

/** The variables of nss_wrapper (nss_wrapper(1)). */
const wrapped = async (library: string, folder: string): Promise<Record<string, string>> => {
  const [passwd, group] = [join(folder, 'passwd'), join(folder, 'group')];
  const gid = process.getegid?.() ?? 0;
  await writeFile(passwd, `reellog:x:${userId()}:${gid}:Reellog:/:/bin/false\n`);
  await writeFile(group, `reellog:x:${gid}:\n`);
  return { LD_PRELOAD: library, NSS_WRAPPER_PASSWD: passwd, NSS_WRAPPER_GROUP: group };
};

/** The arguments of `unshare`, where this user may make a namespace; what is written in it is this user's. */
const userNamespace = async (): Promise<readonly string[] | undefined> => {
  const appears = await accountWhere(() => true);
  if (!appears) return undefined;
  const args = ['--user', `--map-user=${appears.uid}`, `--map-group=${appears.gid}`];
  const probe = run('unshare', [...args, 'true'], { timeout: PROBE_MS });
  return (await probe.then(...yesOrNo)) ? args : undefined;
};
