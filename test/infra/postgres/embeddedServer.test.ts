import { expect } from 'chai';
import { chmod, chown, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import pg from 'pg';
import {
  DataFolderInUse,
  runningInstance,
} from '../../../src/infra/postgres/embedded/instanceLock.js';
import { isAlive, postmasterFile } from '../../../src/infra/postgres/embedded/leftovers.js';
import { OtherPostgresVersion } from '../../../src/infra/postgres/embedded/cluster.js';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import { startEmbeddedServer } from '../../../src/infra/postgres/embedded/embeddedServer.js';
import { placement } from '../../../src/infra/postgres/embedded/placement.js';
import { serverAccount } from '../../../src/infra/postgres/embedded/serverAccount.js';
import { ServerStartFailed } from '../../../src/infra/postgres/embedded/serverProcess.js';
import {
  freshDataDir,
  freshServer,
  removeDataDir,
  type FreshServer,
} from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';
import { rejection } from '../../support/deciders/rejection.js';
import { startServerProcess, type ServerProcess } from '../../support/postgres/serverProcess.js';

const logger = testLogger;

describe('The embedded server', () => {
  describe('running', () => {
    let fresh: FreshServer;
    let database: Database;

    before(async () => {
      fresh = await freshServer();
      database = openDatabase({
        connectionString: fresh.server.connectionString,
        maxConnections: 4,
        logger,
      });
    });
    after(async () => {
      await database.close();
      await fresh.remove();
    });

    const setting = async (name: string): Promise<unknown> => {
      const [row] = await database.query({
        text: 'select current_setting($1) as value',
        values: [name],
      });
      return row?.value;
    };

    const works = async (): Promise<boolean> => {
      try {
        await database.ping();
        return true;
      } catch {
        return false;
      }
    };

    /** A query alone tells nothing: a child of the killed server may answer it. */
    const runsAgain = (killed: number) =>
      eventually('the server runs again', async () => {
        const pid = fresh.server.pid();
        return pid !== undefined && pid !== killed && (await works());
      });
    const serverPid = (): number => {
      const pid = fresh.server.pid();
      if (pid === undefined) throw new Error('no server runs');
      return pid;
    };

    it('keeps what it has committed: synced, checked, in UTF-8 ordered by code point', async () => {
      const names = ['fsync', 'synchronous_commit', 'full_page_writes', 'data_checksums'];
      for (const name of names) expect(await setting(name), name).to.equal('on');
      const [row] = await database.query({
        text: `select pg_encoding_to_char(encoding) as encoding, datlocprovider as provider,
                 datlocale as locale from pg_database where datname = current_database()`,
      });
      expect(row).to.deep.equal({ encoding: 'UTF8', provider: 'b', locale: 'C.UTF-8' });
      expect(await setting('timezone')).to.equal('UTC');
    });

    it('listens on a socket in a folder that only its account may enter, and on no network', async () => {
      expect(await setting('listen_addresses')).to.equal('');
      const folder = await setting('unix_socket_directories');
      const { mode } = await stat(String(folder));
      expect(mode & 0o777).to.equal(0o700);
      expect(Buffer.byteLength(join(String(folder), '.s.PGSQL.5432'))).to.be.below(104);
    });

    it('refuses a second start on its folder, naming folder and process, and takes no harm', async () => {
      const again = { dataDir: fresh.dataDir, logger };
      const error = await rejection(startEmbeddedServer(again), DataFolderInUse);
      expect(error.dataDir).to.equal(fresh.dataDir);
      expect(error.pid).to.equal(process.pid);
      expect(error.message).to.contain(fresh.dataDir);
      await database.ping();
    });

    it('tells other processes where it is', async () => {
      expect(await runningInstance(fresh.dataDir)).to.deep.equal({
        pid: process.pid,
        connectionString: fresh.server.connectionString,
      });
    });

    it('runs in a process group of its own, out of reach of Ctrl-C in the terminal', async () => {
      const pid = serverPid();
      if (process.platform === 'linux') {
        const status = await readFile(`/proc/${pid}/stat`, 'utf8');
        const group = Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[2]);
        expect(group).to.equal(pid);
      }
      expect(isAlive(pid)).to.equal(true);
    });

    it('is started again when it is killed, and clients go on without doing anything', async () => {
      const killed = serverPid();
      process.kill(killed, 'SIGKILL');
      await runsAgain(killed);
      expect(fresh.server.pid()).to.not.equal(killed);
    });

    it('is started again although a child of the killed one is busy with a long statement', async () => {
      const busy = new pg.Client({ connectionString: fresh.server.connectionString });
      busy.on('error', () => undefined);
      await busy.connect();
      const endless = busy
        .query('select count(*) from generate_series(1, 100000000000)')
        .catch(() => undefined);
      await eventually('the statement runs', async () => {
        const rows = await database.query({
          text: `select 1 from pg_stat_activity where state = 'active' and query like 'select count%'`,
        });
        return rows.length === 1;
      });
      const killed = serverPid();
      process.kill(killed, 'SIGKILL');
      await runsAgain(killed);
      await endless;
      await busy.end().catch(() => undefined);
    });

    it('is started again when its killed predecessor left a process id that another program has', async () => {
      const killed = serverPid();
      const socketDir = String(await setting('unix_socket_directories'));
      const files = [
        join(fresh.server.cluster, 'postmaster.pid'),
        join(socketDir, '.s.PGSQL.5432.lock'),
      ];
      const texts = await Promise.all(files.map((file) => readFile(file, 'utf8')));
      // Held until the files are as they should be found: those of its successor are to be its own.
      process.kill(killed, 'SIGSTOP');
      // This process is alive, and no server.
      for (const [index, file] of files.entries()) {
        await writeFile(file, (texts[index] ?? '').replace(/^\d+/, String(process.pid)));
      }
      process.kill(killed, 'SIGKILL');
      await runsAgain(killed);
    });
  });

  describe('starting and stopping', () => {
    let dataDir: string;
    const processes: ServerProcess[] = [];

    const inAProcess = (...options: Parameters<typeof startServerProcess>): ServerProcess => {
      const started = startServerProcess(...options);
      processes.push(started);
      return started;
    };

    const connection = async (server: ServerProcess) => {
      const started = await server.started;
      if ('error' in started) throw new Error(started.error);
      return started;
    };

    /** Starts on the folder, runs one statement, stops. */
    const startsHere = async (statement = 'select 1 as one'): Promise<unknown[]> => {
      const server = await startEmbeddedServer({ dataDir, logger });
      const client = new pg.Client({ connectionString: server.connectionString });
      try {
        await client.connect();
        return (await client.query<Record<string, unknown>>(statement)).rows;
      } finally {
        await client.end();
        await server.stop();
      }
    };

    afterEach(async () => {
      for (const started of processes.splice(0)) await started.end('SIGKILL');
    });

    describe('on a folder that has a database', () => {
      before(async () => {
        dataDir = await freshDataDir();
        await startsHere();
      });
      after(() => removeDataDir(dataDir));

      it('stops for good, and leaves its folder free for the next', async () => {
        const server = await startEmbeddedServer({ dataDir, logger });
        const pid = server.pid() ?? 0;
        await Promise.all([server.stop(), server.stop()]);
        expect(isAlive(pid)).to.equal(false);
        expect(server.pid()).to.equal(undefined);
        expect(await runningInstance(dataDir)).to.equal(undefined);
        expect(await postmasterFile(server.cluster)).to.equal(undefined);
        expect(await startsHere()).to.deep.equal([{ one: 1 }]);
      });

      it('makes the database again when the first start was killed before it had', async () => {
        const server = await startEmbeddedServer({ dataDir, logger });
        const client = new pg.Client({
          connectionString: server.connectionString.replace('/reellog?', '/postgres?'),
        });
        await client.connect();
        await client.query('drop database reellog');
        await client.end();
        await server.stop();
        expect(await startsHere()).to.deep.equal([{ one: 1 }]);
      });

      it('takes over from a Reellog that was killed, ends its server and finds what it committed', async () => {
        const killed = inAProcess(dataDir);
        const { connectionString, pid } = await connection(killed);
        const client = new pg.Client({ connectionString });
        client.on('error', () => undefined);
        await client.connect();
        await client.query('create table films (title text)');
        await client.query(`insert into films values ('Stalker')`);
        await killed.end('SIGKILL');
        expect(isAlive(pid)).to.equal(true);

        expect(await startsHere('select title from films')).to.deep.equal([{ title: 'Stalker' }]);
        expect(isAlive(pid)).to.equal(false);
        await client.end().catch(() => undefined);
      });

      it('starts after Reellog and its server were both killed', async () => {
        const killed = inAProcess(dataDir);
        const { pid } = await connection(killed);
        await killed.end('SIGKILL');
        process.kill(pid, 'SIGKILL');
        expect(await startsHere()).to.deep.equal([{ one: 1 }]);
      });

      it('does not leave the server running when Reellog exits without stopping it', async () => {
        const careless = inAProcess(dataDir);
        const { pid } = await connection(careless);
        await careless.end('SIGUSR2');
        await eventually('the server is gone', () => !isAlive(pid));
      });

      it('is not led astray by PostgreSQL variables in the environment', async () => {
        const misled = inAProcess(dataDir, {
          env: {
            PGPORT: '6000',
            PGSSLMODE: 'require',
            PGHOST: 'example.invalid',
            PGDATABASE: 'other',
          },
        });
        const { connectionString } = await connection(misled);
        const client = new pg.Client({ connectionString });
        await client.connect();
        await client.end();
        await misled.end('SIGTERM');
      });

      it('says why with the words of the server when it cannot start, and frees the folder', async () => {
        const server = await startEmbeddedServer({ dataDir, logger });
        await server.stop();
        const settings = join(server.cluster, 'postgresql.conf');
        const before = await readFile(settings);
        await writeFile(settings, 'nonsense = on\n');
        const error = await rejection(startEmbeddedServer({ dataDir, logger }), ServerStartFailed);
        await writeFile(settings, before);
        expect(error.message).to.contain('unrecognized configuration parameter "nonsense"');
        expect(await runningInstance(dataDir)).to.equal(undefined);
      });

      it('stops starting when told to, and leaves no process behind', async () => {
        const server = await startEmbeddedServer({ dataDir, logger });
        await server.stop();
        const signal = AbortSignal.abort();
        await rejection(startEmbeddedServer({ dataDir, logger, signal }), ServerStartFailed);
        expect(await postmasterFile(server.cluster)).to.equal(undefined);
        expect(await startsHere()).to.deep.equal([{ one: 1 }]);
      });
    });

    describe('on a new folder', () => {
      beforeEach(async () => {
        dataDir = await freshDataDir();
      });
      afterEach(() => removeDataDir(dataDir));

      it('starts after its very first start was killed in the middle', async () => {
        const killed = inAProcess(dataDir);
        await killed.starting;
        await eventually('the cluster is being made', async () => {
          const { cluster } = await placement(dataDir, logger);
          return (await readdir(dirname(cluster))).some((name) => name.includes('.new-'));
        });
        await killed.end('SIGKILL');
        expect(await startsHere()).to.deep.equal([{ one: 1 }]);
      });

      it('gives a folder to one of two that start on it at once', async () => {
        const both = [inAProcess(dataDir), inAProcess(dataDir)];
        const outcomes = await Promise.all(both.map((server) => server.started));
        const refusals = outcomes.flatMap((outcome) => ('error' in outcome ? [outcome.error] : []));
        expect(refusals).to.have.length(1);
        expect(refusals[0]).to.contain('DataFolderInUse').and.to.contain(dataDir);
      });

      it('refuses files of another PostgreSQL version, saying what to do, and leaves them alone', async () => {
        await mkdir(join(dataDir, 'postgres'));
        await writeFile(join(dataDir, 'postgres', 'PG_VERSION'), '15\n');
        const account = await serverAccount();
        if (account) {
          await chmod(dataDir, 0o755);
          await chown(join(dataDir, 'postgres'), account.uid, account.gid);
        }
        const error = await rejection(
          startEmbeddedServer({ dataDir, logger }),
          OtherPostgresVersion,
        );
        expect(error.message).to.contain('15').and.to.contain('18').and.to.contain('Dump it');
        expect(await readdir(join(dataDir, 'postgres'))).to.deep.equal(['PG_VERSION']);
      });
    });
  });
});
