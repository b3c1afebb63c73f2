import { createHash } from 'node:crypto';
import { chmod, chown, mkdir, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
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

/** Where the cluster goes when the wanted folder cannot be entered by the server's account. */
const SYSTEM_FOLDER = '/var/lib/reellog';

/** A short name for a data folder, the same for every spelling of its path. */
export const instanceName = (dataDir: string): string =>
  createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16);

/**
 * Decides where binaries, cluster and socket go, and makes the folders. As root the server's account may
 * not be able to enter the clone's or the data's folder (under `/root` for one): binaries are copied and
 * the cluster placed where it can, and a note in the wanted folder says where.
 */
export const placement = async (wanted: string, logger: Logger): Promise<Placement> => {
  const dataDir = resolve(wanted);
  await mkdir(dataDir, { recursive: true });
  const account = await serverAccount();
  const packaged = await packagedBinaries();
  const native = resolve(dirname(packaged.postgres), '..');
  const reachable = account === undefined || (await canReach(native, account));
  if (reachable) await makeLibraryLinks(native).catch(() => undefined);
  const binaries = reachable
    ? packaged
    : await copyBinaries(packaged, join(SYSTEM_FOLDER, 'postgresql', await packageVersion(native)));

  const home =
    account === undefined || (await canReach(dataDir, account))
      ? dataDir
      : await elsewhere(dataDir, account, logger);
  const socketDir = join(tmpdir(), `reellog-${instanceName(dataDir)}`);
  await mkdir(socketDir, { recursive: true, mode: 0o700 });
  await chmod(socketDir, 0o700);
  if (account) await chown(socketDir, account.uid, account.gid);
  return {
    binaries,
    account,
    dataDir,
    cluster: join(home, 'postgres'),
    socketDir,
    logFile: join(dataDir, 'postgres.log'),
  };
};

const packageVersion = async (native: string): Promise<string> => {
  const text = await readFile(join(native, '..', 'package.json'), 'utf8');
  const { version } = JSON.parse(text) as { version: string };
  return version;
};

const elsewhere = async (
  dataDir: string,
  account: ServerAccount,
  logger: Logger,
): Promise<string> => {
  const home = join(SYSTEM_FOLDER, instanceName(dataDir));
  await mkdir(home, { recursive: true, mode: 0o755 });
  const note =
    `PostgreSQL runs as "${account.name}", which cannot enter this folder.\n` +
    `The database of this data folder is in ${home}\n`;
  await writeFile(join(dataDir, 'WHERE-THE-DATABASE-IS.txt'), note);
  logger.info(
    { dataDir, home },
    'the server account cannot enter the data folder: placed elsewhere',
  );
  return home;
};
