import { createHash, randomUUID } from 'node:crypto';
import {
  access,
  chmod,
  chown,
  constants,
  lchown,
  lstat,
  mkdir,
  mkdtemp,
  readFile,
  readlink,
  realpath,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import type { Logger } from 'pino';
import {
  copyBinaries,
  makeLibraryLinks,
  packagedBinaries,
  type PostgresBinaries,
} from './binaries.js';
import { canReach, serverAccount, type ServerAccount } from './serverAccount.js';

/** Where everything of one embedded server is. */
export interface Placement {
  readonly binaries: PostgresBinaries;
  readonly account: ServerAccount | undefined;
  /** The folder the operator named. */
  readonly dataDir: string;
  /** The PostgreSQL cluster; inside `dataDir` where the server's account can enter it. */
  readonly cluster: string;
  /** Holds the Unix socket: short (107 bytes at most with the socket's name) and private. */
  readonly socketDir: string;
  readonly logFile: string;
}

/** The data folder is there, but not for the account that would have to use it. */
export class DataFolderUnusable extends Error {
  override readonly name = 'DataFolderUnusable';
}

/** Where the cluster goes when the wanted folder cannot be entered by the server's account. */
const SYSTEM_FOLDER = '/var/lib/reellog';
/** The cluster in a data folder, or a link to where it is. */
const CLUSTER = 'postgres';
/** 103 bytes on macOS, 107 on Linux, less `/.s.PGSQL.5432.lock`. */
const LONGEST_SOCKET_DIR = 84;

/** A short name for a data folder, the same for every path and every copy of a link that leads to its database. */
export const instanceName = async (dataDir: string): Promise<string> => {
  const link = await readlink(join(dataDir, CLUSTER)).catch(() => undefined);
  const home =
    link === undefined
      ? await realpath(dataDir).catch(() => resolve(dataDir))
      : dirname(resolve(dataDir, link));
  return createHash('sha256').update(home).digest('hex').slice(0, 16);
};

/**
 * Decides where binaries, cluster and socket go, and makes the folders. As root the server's account may
 * not be able to enter the clone's or the data's folder (under `/root` for one): binaries are copied and
 * the cluster placed where it can, and a link and a note in the wanted folder say where.
 * @throws {DataFolderUnusable} {NoEmbeddedPostgres}
 */
export const placement = async (wanted: string, logger: Logger): Promise<Placement> => {
  const dataDir = await usableFolder(wanted, madeFolder);
  const found = await clusterIn(dataDir);
  if (!found) await usableFolder(dataDir, mayWriteIn);
  const account = await serverAccount(found?.owner);
  const cluster = found
    ? await usable(found, account)
    : account === undefined || (await letIn(dataDir, account))
      ? join(dataDir, CLUSTER)
      : await elsewhere(dataDir, account, logger);
  return {
    binaries: await reachableBinaries(account),
    account,
    dataDir,
    cluster,
    socketDir: await socketFolder(dataDir, cluster, account),
    logFile: join(dataDir, 'postgres.log'),
  };
};

/** Whether a database was made in a data folder, or for it elsewhere. @throws {DataFolderUnusable} */
export const holdsDatabase = async (dataDir: string): Promise<boolean> =>
  (await clusterIn(resolve(dataDir))) !== undefined;

/** What the step tells of the data folder, its failure said in words. @throws {DataFolderUnusable} */
const usableFolder = async <Found>(
  folder: string,
  step: (folder: string) => Promise<Found>,
): Promise<Found> => {
  try {
    return await step(folder);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new DataFolderUnusable(
      `The data folder ${folder} cannot be used: ${why}. Set REELLOG_DATA_DIR to a folder that Reellog may write in.`,
      { cause: error },
    );
  }
};

const madeFolder = async (wanted: string): Promise<string> => {
  await makeFolders(resolve(wanted));
  const path = await realpath(wanted);
  if (!(await stat(path)).isDirectory()) throw new Error('it is not a folder');
  return path;
};

const mayWriteIn = (folder: string): Promise<void> =>
  access(folder, constants.W_OK | constants.X_OK);

/** As `mkdir` with `recursive`, which never returns where a folder like /proc answers ENOENT to everything. */
const makeFolders = async (folder: string): Promise<void> => {
  if (await stat(folder).catch(() => undefined)) return;
  await makeFolders(dirname(folder));
  await mkdir(folder).catch((error: unknown) => {
    // Another process may have been faster.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  });
};

/** A cluster, or the place that an earlier start has chosen for it. */
interface FoundCluster {
  readonly path: string;
  readonly owner: number | undefined;
}

const clusterIn = async (dataDir: string): Promise<FoundCluster | undefined> => {
  const path = join(dataDir, CLUSTER);
  const entry = await lstat(path).catch(() => undefined);
  if (!entry) return undefined;
  if (!entry.isSymbolicLink()) return { path, owner: entry.uid };
  const target = resolve(dataDir, await readlink(path));
  const home = await stat(dirname(target)).catch(() => undefined);
  if (!home) {
    throw new DataFolderUnusable(
      `The database of ${dataDir} was in ${target}, and that folder is gone. Bring it back, or remove ` +
        `the link ${path} to begin with an empty database.`,
    );
  }
  const status = await stat(target).catch(() => undefined);
  return { path: target, owner: status?.uid };
};

/** A database that cannot be entered is said so: a new one in its stead would look like lost data. */
const usable = async (found: FoundCluster, account?: ServerAccount): Promise<string> => {
  const self = process.getuid?.();
  if (account && !(await letIn(dirname(found.path), account))) {
    throw new DataFolderUnusable(
      `The database in ${found.path} runs as "${account.name}", which can no longer enter that folder. ` +
        'Let others enter the folders on the way to it (chmod o+x).',
    );
  }
  if (!account && found.owner !== undefined && self !== undefined && found.owner !== self) {
    throw new DataFolderUnusable(
      `The database in ${found.path} belongs to another account (user id ${found.owner}; this is ${self}). ` +
        'Start Reellog as that account or as root.',
    );
  }
  return found.path;
};

/**
 * Whether the server's account can enter the folder, letting its group in where the folder is root's alone
 * and nothing above it is in the way: better than a database outside the volume that was mounted for it.
 */
const letIn = async (folder: string, account: ServerAccount): Promise<boolean> => {
  if (await canReach(folder, account)) return true;
  const { uid, mode } = await stat(folder);
  if (uid !== 0 || (mode & 0o077) !== 0 || !(await canReach(dirname(folder), account)))
    return false;
  await chown(folder, uid, account.gid);
  await chmod(folder, 0o710);
  return canReach(folder, account);
};

/** Binaries of the package, or a copy where the server's account can enter. */
const reachableBinaries = async (account?: ServerAccount): Promise<PostgresBinaries> => {
  const packaged = await packagedBinaries();
  const native = resolve(dirname(packaged.postgres), '..');
  if (account === undefined || (await canReach(dirname(packaged.postgres), account))) {
    await makeLibraryLinks(native);
    return packaged;
  }
  const home = join(await systemFolder(), 'postgresql');
  await mkdir(home, { recursive: true });
  await chmod(home, 0o755);
  return copyBinaries(packaged, join(home, await packageVersion(native)));
};

const packageVersion = async (native: string): Promise<string> => {
  const text = await readFile(join(native, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
};

/** Not left to the umask, which may keep everyone else out. */
const systemFolder = async (): Promise<string> => {
  const made = await mkdir(SYSTEM_FOLDER, { recursive: true });
  if (made !== undefined) await chmod(SYSTEM_FOLDER, 0o755);
  return SYSTEM_FOLDER;
};

const elsewhere = async (
  dataDir: string,
  account: ServerAccount,
  logger: Logger,
): Promise<string> => {
  const home = await mkdtemp(join(await systemFolder(), `${basename(dataDir)}-`));
  await chmod(home, 0o755);
  const cluster = join(home, CLUSTER);
  try {
    await symlink(cluster, join(dataDir, CLUSTER));
  } catch (error) {
    await rm(home, { recursive: true, force: true });
    // Another process was faster, and the data folder's lock decides which of the two goes on.
    const first = await clusterIn(dataDir);
    if (first) return first.path;
    throw error;
  }
  const note =
    `PostgreSQL runs as "${account.name}", which cannot enter this folder.\n` +
    `The database of this data folder is in ${cluster}\n` +
    'The link beside this note leads Reellog to it. To begin anew, remove both folders.\n';
  await writeFile(join(dataDir, 'WHERE-THE-DATABASE-IS.txt'), note);
  logger.info(
    { dataDir, cluster },
    'the server account cannot enter the data folder: placed elsewhere',
  );
  return cluster;
};

/**
 * Makes the folder for the socket, which only the server's account enters. Its name can be foreseen and temporary
 * folders are everyone's, so one that somebody else has put there is not used. For whoever holds the data folder's
 * lock.
 */
export const makeSocketDir = async ({
  socketDir: folder,
  account,
}: Pick<Placement, 'socketDir' | 'account'>): Promise<void> => {
  const owner = account?.uid ?? process.getuid?.();
  const entry = await lstat(folder).catch(() => undefined);
  const ours = entry?.isDirectory() && entry.uid === owner && (entry.mode & 0o077) === 0;
  if (ours) return;
  if (entry) await rm(folder, { recursive: true });
  await mkdir(folder, { mode: 0o700 });
  if (account) await lchown(folder, account.uid, account.gid);
};

/**
 * Beside the cluster, where whoever reaches the data folder sees it: temporary folders may be another one for each
 * service (systemd's PrivateTmp). There only where the path is too long, or the file system takes no sockets.
 */
const socketFolder = async (
  dataDir: string,
  cluster: string,
  account?: ServerAccount,
): Promise<string> => {
  const home = dirname(cluster);
  const beside = join(home, 'socket');
  if (isShort(beside) && (await takesSockets(home))) return beside;
  return join(await shortTemporaryFolder(account), `reellog-${await instanceName(dataDir)}`);
};

const isShort = (folder: string): boolean => Buffer.byteLength(folder) <= LONGEST_SOCKET_DIR;

const takesSockets = (folder: string): Promise<boolean> =>
  new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => {
      resolve(false);
    });
    probe.listen(join(folder, `.${randomUUID().slice(0, 8)}`), () => {
      probe.close(() => {
        resolve(true);
      });
    });
  });

const shortTemporaryFolder = async (account?: ServerAccount): Promise<string> => {
  const wanted = tmpdir();
  const fits = isShort(join(wanted, `reellog-${'0'.repeat(16)}`));
  return fits && (account === undefined || (await canReach(wanted, account))) ? wanted : '/tmp';
};
