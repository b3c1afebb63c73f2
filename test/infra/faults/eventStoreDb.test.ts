import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEventStoreDb } from '../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { openMirroredLog } from '../../../src/infra/eventstore/mirror/openMirroredLog.js';
import { endOfServer } from '../eventstore/eventstoredb/followServer.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { startEventStoreDouble, type EventStoreDouble } from '../../support/eventstoredb/double.js';
import {
  startDoubleProcess,
  type DoubleProcess,
} from '../../support/eventstoredb/doubleProcess.js';
import { openAftermath, type Aftermath } from '../../support/faults/afterFault.js';
import { openClients, type Clients } from '../../support/faults/clients.js';
import { serveReellog, type ServedReellog } from '../../support/faults/servedReellog.js';
import { testLogger } from '../../support/run/logger.js';
import { seededChance, testSeed } from '../../support/histories/seededChance.js';

const CLIENTS = 6;
const SOME = 20;
/** How long a server that died is away, at most. */
const AWAY_MS = 400;

/** The service, and a log in EventStoreDB whose server dies: of appends, some were written, some were not. */
describe(`With its log in EventStoreDB, whose server dies (REELLOG_TEST_SEED=${testSeed})`, () => {
  const chance = seededChance(testSeed);
  let fresh: FreshDatabase;
  let served: ServedReellog;
  let clients: Clients;
  let aftermath: Aftermath;

  const open = async (connectionString: string): Promise<void> => {
    // It stands by beside the service, which keeps the mirror.
    aftermath = await openAftermath(async (database) => {
      const server = openEventStoreDb({ connectionString, streamPrefix: '', logger: testLogger });
      const { position } = await endOfServer(server);
      const log = await openMirroredLog({
        ...{ database, log: server, logger: testLogger, keptBy: 'this' },
      });
      await eventually('the mirror has it all', async () => (await log.headPosition()) >= position);
      return log;
    });
    fresh = await freshDatabase();
    served = await serveReellog({
      ...{ DATABASE_URL: fresh.connectionString, REELLOG_EVENTSTORE_URL: connectionString },
      REELLOG_ANSWER_SECONDS: '2',
    });
    clients = openClients(CLIENTS, chance.fork(), (request) => served.send(request));
  };
  const close = async (): Promise<void> => {
    await served.close();
    await aftermath.close();
    await fresh.drop();
  };

  /** Under load, with commands before, and again after whatever happens. */
  const around = async (fault: () => Promise<void>): Promise<void> => {
    await clients.during(async () => {
      const before = clients.taken();
      await eventually('commands are taken', () => clients.taken() >= before + SOME);
      await fault();
      const after = clients.taken();
      await eventually('commands are taken again', () => clients.taken() >= after + SOME);
    });
    await served.ready();
    await aftermath.expectAllWell(fresh.connectionString, clients);
  };

  describe('in the middle of an append', () => {
    let double: EventStoreDouble;

    before(async () => {
      double = await startEventStoreDouble();
      await open(double.connectionString);
    });
    after(async () => {
      await close();
      await double.close();
    });

    for (const [at, when] of [
      ['beforeWrite', 'before it wrote'],
      ['afterWrite', 'when it had written and said nothing yet'],
    ] as const) {
      for (const kind of ['kill', 'drop'] as const) {
        const what = kind === 'kill' ? 'the server is gone for a while' : 'connections are cut';
        it(`${when}, ${what}: each command is done once and as a whole`, () =>
          around(async () => {
            const fault = double.faults.inject({
              ...{ at, effect: { kind }, skip: chance.between(0, 20) },
            });
            await fault.first;
            await sleep(chance.between(0, AWAY_MS));
            if (kind === 'kill') await double.nodes[0]?.revive();
          }));
      }
    }
  });

  describe('by kill -9', () => {
    const dataFile = join(tmpdir(), `reellog-test-${process.pid}-eventstoredb.jsonl`);
    let server: DoubleProcess;

    const start = async (port = 0): Promise<void> => {
      server = await startDoubleProcess(['--data', dataFile, '--port', String(port)]);
    };
    before(async () => {
      await start();
      await open(server.connectionString);
    });
    after(async () => {
      await close();
      await server.end('SIGKILL');
      await rm(dataFile, { force: true });
    });

    for (const who of ['the server', 'the server and the service']) {
      it(`of ${who} at a random moment: nothing acknowledged is lost, nothing is there twice`, () =>
        around(async () => {
          await sleep(chance.between(0, 300));
          await Promise.all([
            server.end('SIGKILL'),
            ...(who === 'the server' ? [] : [served.kill()]),
          ]);
          await start(server.ports[0]);
          if (who !== 'the server') await served.start();
        }));
    }

    it('while it hangs, commands are refused, and go on when it does', () =>
      around(async () => {
        server.signal('SIGSTOP');
        const refused = clients.refused().length;
        try {
          await eventually('commands are refused', () => clients.refused().length > refused);
        } finally {
          server.signal('SIGCONT');
        }
      }));
  });
});
