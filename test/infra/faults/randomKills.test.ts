import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import pg from 'pg';
import { isAlive } from '../../../src/infra/postgres/embedded/leftovers.js';
import { runningInstance } from '../../../src/infra/postgres/embedded/instanceLock.js';
import { freshDataDir, removeDataDir } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { openAftermath, type Aftermath } from '../../support/faults/afterFault.js';
import { openClients, type Clients } from '../../support/faults/clients.js';
import { serveReellog, type ServedReellog } from '../../support/faults/servedReellog.js';
import { postgresOf } from '../../support/postgres/outage.js';
import { seededChance, testSeed } from '../../support/histories/seededChance.js';

const CLIENTS = 6;
/** So many commands are taken before a kill, and again after it, at least. */
const SOME = 10;

/**
 * One service with the database that it runs itself, killed again and again while clients go on; what has been
 * taken since the first kill is checked after every one.
 */
describe(`Killed at random moments (REELLOG_TEST_SEED=${testSeed})`, () => {
  const chance = seededChance(testSeed);
  let dataDir: string;
  let served: ServedReellog;
  let clients: Clients;
  let aftermath: Aftermath;

  before(async () => {
    aftermath = await openAftermath();
    dataDir = await freshDataDir();
    served = await serveReellog({ REELLOG_DATA_DIR: dataDir });
    clients = openClients(CLIENTS, chance.fork(), (request) => served.send(request));
  });
  after(async () => {
    await served.close();
    await removeDataDir(dataDir);
    await aftermath.close();
  });

  const database = async (): Promise<string> =>
    (await runningInstance(dataDir))?.connectionString ?? '';
  const kill9 = async (pid: number): Promise<void> => {
    process.kill(pid, 'SIGKILL');
    await eventually(`process ${pid} is dead`, () => !isAlive(pid));
  };

  /** The sessions that the query names, by their server process. */
  const sessions = async (query: string): Promise<readonly number[]> => {
    const client = new pg.Client({ connectionString: await database() });
    client.on('error', () => undefined);
    try {
      await client.connect();
      const { rows } = await client.query<{ pid: number }>(query);
      return rows.map(({ pid }) => pid);
    } finally {
      await client.end().catch(() => undefined);
    }
  };

  /** Whether the database takes connections. */
  const reachable = (): Promise<boolean> =>
    sessions('select 1 as pid').then(
      () => true,
      () => false,
    );

  const killService = async (): Promise<void> => {
    const postgres = await postgresOf(dataDir);
    await served.kill();
    expect(isAlive(postgres), 'its database is left over').to.equal(true);
    await served.start();
    expect(isAlive(postgres), 'its database is still left over').to.equal(false);
  };
  const killPostgres = async (): Promise<void> => {
    const service = served.pid();
    await kill9(await postgresOf(dataDir));
    expect(served.pid()).to.equal(service);
    expect(isAlive(service), 'the service lives').to.equal(true);
  };
  const killBoth = async (): Promise<void> => {
    const postgres = await postgresOf(dataDir);
    await Promise.all([served.kill(), kill9(postgres)]);
    await served.start();
  };

  /** Ends the sessions of which the condition holds, as soon as there are any. */
  const endSessions = (where: string): Promise<void> =>
    eventually('a session is ended', async () => {
      const ended = await sessions(
        `select pid, pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and ${where}`,
      );
      return ended.length > 0;
    });

  /** What is killed, how often, and how. */
  const kills: readonly (readonly [string, number, () => Promise<void>])[] = [
    ['the service', 2, killService],
    [
      ...(['the service, and again while it starts', 1] as const),
      async () => {
        await served.kill();
        await served.startInVain(chance.between(100, 1_000));
        await served.start();
      },
    ],
    ['PostgreSQL', 2, killPostgres],
    [
      ...(['PostgreSQL, and again while it recovers', 1] as const),
      async () => {
        await killPostgres();
        await eventually('it runs again', reachable);
        await sleep(chance.between(0, 60));
        await killPostgres();
      },
    ],
    [
      ...(['a server process of PostgreSQL, which takes all others with it', 2] as const),
      async () => {
        const processes = `select pid from pg_stat_activity
                           where backend_type = 'client backend' and pid <> pg_backend_pid()`;
        await eventually('one of them is killed', async () => {
          const chosen = chance.pick(await sessions(processes));
          // It may have ended since it was looked up.
          return kill9(chosen).then(
            () => true,
            () => false,
          );
        });
      },
    ],
    [
      ...(['the session that leads the projections', 2] as const),
      () =>
        endSessions(`pid in (select pid from pg_locks where locktype = 'advisory' and granted)`),
    ],
    [
      ...(['sessions that are about to commit what they wrote', 2] as const),
      () => endSessions(`backend_xid is not null`),
    ],
    ['both', 2, killBoth],
  ];
  const left = kills.flatMap((kill) => Array.from({ length: kill[1] }, () => kill));
  while (left.length > 0) {
    const chosen = chance.pick(left);
    left.splice(left.indexOf(chosen), 1);
    const [what, , kill] = chosen;
    const waitMs = chance.between(0, 400);
    it(`${what}: nothing taken is lost, nothing is half-done, and it goes on`, async () => {
      await clients.during(async () => {
        const before = clients.taken();
        await eventually('clients are at work', () => clients.taken() >= before + SOME);
        await sleep(waitMs);
        await kill();
        const after = clients.taken();
        await eventually('commands are taken again', () => clients.taken() >= after + SOME);
      });
      await served.ready();
      await aftermath.expectAllWell(await database(), clients);
    });
  }
});
