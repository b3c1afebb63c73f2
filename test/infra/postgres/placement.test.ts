import { expect } from 'chai';
import { execFile } from 'node:child_process';
import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  readlink,
  rename,
  rm,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import {
  copyBinaries,
  makeLibraryLinks,
  packagedBinaries,
} from '../../../src/infra/postgres/embedded/binaries.js';
import { startEmbeddedServer } from '../../../src/infra/postgres/embedded/embeddedServer.js';
import {
  lockDataFolder,
  DataFolderInUse,
} from '../../../src/infra/postgres/embedded/instanceLock.js';
import {
  DataFolderUnusable,
  instanceName,
  makeSocketDir,
  placement,
} from '../../../src/infra/postgres/embedded/placement.js';
import { canReach, serverAccount } from '../../../src/infra/postgres/embedded/serverAccount.js';
import { boundLog } from '../../../src/infra/postgres/embedded/serverLog.js';
import { freshDataDir, removeDataDir } from '../../support/postgres/database.js';
import { testLogger } from '../../support/run/logger.js';
import { rejection } from '../../support/deciders/rejection.js';
import { startServerProcess } from '../../support/postgres/serverProcess.js';

const logger = testLogger;
const run = promisify(execFile);
const isRoot = process.getuid?.() === 0;
const nobody = { name: 'nobody', uid: 65_534, gid: 65_534 };
/** Another account can run our code and our Node.js. */
const isOpenToOthers =
  (await canReach(import.meta.dirname, nobody)) && (await canReach(process.execPath, nobody));

describe('Where an embedded server is placed', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await freshDataDir();
  });
  afterEach(async () => {
    await removeDataDir(folder);
  });

  it('takes one name for a folder, whichever path leads there, and another for another folder', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    try {
      expect(await instanceName(link)).to.equal(await instanceName(folder));
      expect(await instanceName(`${folder}/.`)).to.equal(await instanceName(folder));
      expect(await instanceName(join(folder, 'other'))).to.not.equal(await instanceName(folder));
    } finally {
      await rm(link);
    }
  });

  it('locks a folder against whoever comes by another path', async () => {
    const link = `${folder}-link`;
    await symlink(folder, link);
    const lock = await lockDataFolder(folder);
    try {
      await rejection(lockDataFolder(link), DataFolderInUse);
    } finally {
      await lock.release();
      await rm(link);
    }
  });

  it('uses no folder for the socket that somebody else has put in its place', async () => {
    const place = await placement(folder, logger);
    const { socketDir } = place;
    const trap = await mkdtemp(join(tmpdir(), 'reellog-trap-'));
    try {
      await symlink(trap, socketDir);
      await chmod(trap, 0o755);
      await makeSocketDir(place);
      expect((await lstat(socketDir)).isDirectory()).to.equal(true);
      expect((await lstat(trap)).mode & 0o777, 'what the link led to is untouched').to.equal(0o755);
    } finally {
      await rm(trap, { recursive: true });
      await rm(socketDir, { recursive: true, force: true });
    }
  });

  it('has the socket in the data folder, where a service with temporary folders of its own shows it', async () => {
    const { socketDir, cluster } = await placement(folder, logger);
    expect(socketDir).to.equal(join(dirname(cluster), 'socket'));
  });

  it('keeps to the short paths that sockets may have, also where temporary folders have long ones', async () => {
    const before = process.env.TMPDIR;
    const long = join(folder, 'long'.repeat(20));
    await mkdir(long);
    process.env.TMPDIR = long;
    try {
      const { socketDir } = await placement(join(long, 'data'), logger);
      expect(Buffer.byteLength(join(socketDir, '.s.PGSQL.5432'))).to.be.below(104);
    } finally {
      if (before === undefined) delete process.env.TMPDIR;
      else process.env.TMPDIR = before;
    }
  });

  it('makes the links to libraries that npm could not carry, and they move with their folder', async () => {
    const native = join(folder, 'native');
    await mkdir(join(native, 'lib'), { recursive: true });
    await writeFile(join(native, 'lib', 'libpq.so.5.18'), 'library');
    await writeFile(
      join(native, 'pg-symlinks.json'),
      JSON.stringify([{ source: 'native/lib/libpq.so.5.18', target: 'native/lib/libpq.so.5' }]),
    );
    await makeLibraryLinks(native);
    await makeLibraryLinks(native);
    await rename(native, join(folder, 'moved'));
    expect(await readFile(join(folder, 'moved', 'lib', 'libpq.so.5'), 'utf8')).to.equal('library');
  });

  it('keeps the log of the server bounded, with what it held in a second file', async () => {
    const file = join(folder, 'postgres.log');
    await boundLog(file, 10);
    await writeFile(file, 'short');
    await boundLog(file, 10);
    expect(await readFile(file, 'utf8')).to.equal('short');
    await writeFile(file, 'this is longer');
    await boundLog(file, 10);
    expect(await readFile(file, 'utf8')).to.equal('');
    expect(await readFile(`${file}.1`, 'utf8')).to.equal('this is longer');
  });

  it('says so when the folder cannot be made, or is none, and does not hang', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const impossible = [file, join(file, 'below', 'it')];
    // /proc answers that there is no such folder, to whoever would make one in it.
    if (process.platform === 'linux') impossible.push('/proc/reellog');
    for (const wanted of impossible) {
      const error = await rejection(placement(wanted, logger), DataFolderUnusable);
      expect(error.message)
        .to.include(`The data folder ${wanted} cannot be used: `)
        .and.include('Set REELLOG_DATA_DIR');
    }
  });

  it('says what to do when the place that a link names is gone, instead of beginning anew', async () => {
    await symlink('/nowhere/reellog/postgres', join(folder, 'postgres'));
    const error = await rejection(placement(folder, logger), DataFolderUnusable);
    expect(error.message).to.contain('/nowhere/reellog/postgres').and.to.contain('gone');
    await rm(join(folder, 'postgres'));
  });

  // Accounts can be changed by root alone; as another user there is only one account and nothing to place.
  if (isRoot) {
    describe('as root', () => {
      it('runs as an account that is not root', async () => {
        const account = await serverAccount();
        expect(account?.uid).to.be.above(0);
      });

      it('runs as the owner of the database that is there', async () => {
        expect(await serverAccount(nobody.uid)).to.include({ name: 'nobody', uid: nobody.uid });
      });

      it('lets its account into a folder that is root’s alone, rather than leave the folder', async () => {
        await chmod(folder, 0o700);
        const { cluster, account } = await placement(folder, logger);
        expect(cluster).to.equal(join(folder, 'postgres'));
        expect((await lstat(folder)).mode & 0o777, 'and nobody else').to.equal(0o710);
        expect(account && (await canReach(folder, account))).to.equal(true);
      });

      describe('with a data folder in a place that only root can enter', () => {
        let locked: string;
        let data: string;

        beforeEach(async () => {
          await chmod(folder, 0o755);
          locked = join(folder, 'locked');
          data = join(locked, 'data');
          await mkdir(locked, { mode: 0o700 });
        });
        afterEach(async () => {
          await removeDataDir(data);
        });

        it('places the database where its account can enter, leaving a link and a note', async () => {
          const { cluster, account } = await placement(data, logger);
          expect(cluster.startsWith(folder)).to.equal(false);
          expect(account && (await canReach(dirname(cluster), account))).to.equal(true);
          expect(await readlink(join(data, 'postgres'))).to.equal(cluster);
          const note = await readFile(join(data, 'WHERE-THE-DATABASE-IS.txt'), 'utf8');
          expect(note).to.contain(cluster);
          expect((await lstat(locked)).mode & 0o777, 'not opened').to.equal(0o700);
        });

        it('runs there, and finds what it wrote when it starts again', async () => {
          for (const expected of [0, 1]) {
            const server = await startEmbeddedServer({ dataDir: data, logger });
            const client = new pg.Client({ connectionString: server.connectionString });
            await client.connect();
            await client.query('create table if not exists films (title text)');
            const { rowCount } = await client.query('select from films');
            await client.query(`insert into films values ('Solaris')`);
            await client.end();
            await server.stop();
            expect(rowCount).to.equal(expected);
          }
        });

        it('keeps to the place once chosen, also when the wanted folder can be entered later', async () => {
          const { cluster } = await placement(data, logger);
          await chmod(locked, 0o755);
          expect((await placement(data, logger)).cluster).to.equal(cluster);
        });

        it('finds its database when the folder has moved', async () => {
          const { cluster } = await placement(data, logger);
          const moved = join(locked, 'moved');
          await rename(data, moved);
          data = moved;
          expect((await placement(data, logger)).cluster).to.equal(cluster);
        });

        it('says so when it can no longer enter the folder of its database', async () => {
          await chmod(locked, 0o755);
          const server = await startEmbeddedServer({ dataDir: data, logger });
          await server.stop();
          await chmod(locked, 0o700);
          const error = await rejection(placement(data, logger), DataFolderUnusable);
          expect(error.message).to.contain(data).and.to.contain('chmod o+x');
          await chmod(locked, 0o755);
        });
      });

      it('copies the programs so that others may run them, whatever the umask', async () => {
        const target = join(folder, 'programs', '1');
        const umask = process.umask(0o077);
        try {
          const copied = await copyBinaries(await packagedBinaries(), target);
          await chmod(folder, 0o755);
          await chmod(dirname(target), 0o755);
          const { stdout } = await run(copied.initdb, ['--version'], { ...nobody, cwd: '/' });
          expect(stdout).to.contain('PostgreSQL');
          expect(await copyBinaries(await packagedBinaries(), target)).to.deep.equal(copied);
          expect(await readdir(dirname(target)), 'no half copies').to.deep.equal(['1']);
        } finally {
          process.umask(umask);
        }
      });
    });
  }
  if (isRoot && isOpenToOthers) {
    describe('not as root', () => {
      it('says that it may not write in the folder, and what to set', async () => {
        await chmod(folder, 0o755);
        const { uid, gid } = nobody;
        for (const wanted of [folder, join(folder, 'below')]) {
          const other = startServerProcess(wanted, { account: { uid, gid } });
          const started = await other.started;
          await other.end('SIGTERM');
          expect(started)
            .to.have.property('error')
            .that.includes(`The data folder ${wanted} cannot be used: EACCES`)
            .and.includes('Set REELLOG_DATA_DIR');
        }
      });

      it('runs as we do, in the folder wanted, and what it made root can go on with', async () => {
        await chmod(folder, 0o755);
        const data = join(folder, 'data');
        await mkdir(data);
        await chown(data, nobody.uid, nobody.gid);
        const { uid, gid } = nobody;
        const env = { HOME: data, XDG_CACHE_HOME: data };
        const other = startServerProcess(data, { account: { uid, gid }, env });
        const started = await other.started;
        expect(started).to.not.have.property('error');
        await other.end('SIGTERM');
        expect((await lstat(join(data, 'postgres'))).uid).to.equal(uid);

        const server = await startEmbeddedServer({ dataDir: data, logger });
        expect(server.cluster).to.equal(join(data, 'postgres'));
        await server.stop();
      });

      it('runs as a user id that has no name, as containers are given', async () => {
        await chmod(folder, 0o755);
        const data = join(folder, 'data');
        await mkdir(data);
        await chown(data, 54_321, 0);
        const account = { uid: 54_321, gid: 0 };
        const other = startServerProcess(data, { account, env: { HOME: '/nowhere' } });
        const started = await other.started;
        await other.end('SIGTERM');
        // Where neither way to a name is open, it says what to do.
        if ('error' in started) expect(started.error).to.include('Install nss_wrapper');
        else expect((await lstat(join(data, 'postgres'))).uid).to.equal(54_321);
      });

      it('says whose database it is when it is not its own', async () => {
        await chmod(folder, 0o755);
        const account = await serverAccount();
        const server = await startEmbeddedServer({ dataDir: folder, logger });
        await server.stop();
        const { uid, gid } = nobody;
        const other = startServerProcess(folder, { account: { uid, gid } });
        const started = await other.started;
        await other.end('SIGTERM');
        expect(started)
          .to.have.property('error')
          .that.contains(`user id ${account?.uid ?? 0}`);
      });
    });
  }
});
