import { expect } from 'chai';
import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import { DatabaseUnavailable } from '../../../src/infra/postgres/databaseErrors.js';
import { SOCKET_PORT } from '../../../src/infra/postgres/embedded/leftovers.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { testLogger } from '../../support/run/logger.js';
import { rejection } from '../../support/deciders/rejection.js';

/** PostgreSQL's ReadyForQuery, outside a transaction. */
const READY = Buffer.from([0x5a, 0, 0, 0, 5, 0x49]);

/** PostgreSQL's ErrorResponse of a server that was killed. */
const farewell = (): Buffer => {
  const fields = Buffer.from(
    'SFATAL\0VFATAL\0C57P01\0Mterminating connection due to unexpected postmaster exit\0\0',
  );
  const head = Buffer.from([0x45, 0, 0, 0, 0]);
  head.writeInt32BE(fields.length + 4, 1);
  return Buffer.concat([head, fields]);
};

/** Before a server, in a test: may say farewell in one breath with being ready, as a dying one does. */
const startRelay = async (
  socketPath: string,
  isLast: (ready: number) => boolean,
): Promise<{ readonly port: number; close(): void }> => {
  let ready = 0;
  const sockets = new Set<Socket>();
  const relay: Server = createServer((client) => {
    const server = connect(socketPath);
    for (const socket of [client, server]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
    }
    client.pipe(server);
    server.on('data', (data) => {
      const last = data.subarray(-READY.length).equals(READY) && isLast((ready += 1));
      if (!last) client.write(data);
      else client.end(Buffer.concat([data, farewell()]));
    });
    client.on('close', () => server.destroy());
  });
  relay.listen(0, '127.0.0.1');
  await once(relay, 'listening');
  return {
    port: (relay.address() as AddressInfo).port,
    close: () => {
      relay.close();
      for (const socket of sockets) socket.destroy();
    },
  };
};

describe('A connection that dies as it is handed out', () => {
  let fresh: FreshDatabase;
  before(async () => {
    fresh = await freshDatabase({ contents: 'nothing' });
  });
  after(() => fresh.drop());

  /** Runs work on a database whose server says farewell with the n-th time that it is ready. */
  const dyingAt = async (nth: number, work: (database: Database) => Promise<void>) => {
    const url = new URL(fresh.connectionString.replace('@/', '@localhost/'));
    const socketDir = url.searchParams.get('host') ?? '';
    const relay = await startRelay(
      join(socketDir, `.s.PGSQL.${SOCKET_PORT}`),
      (ready) => ready === nth,
    );
    const database = openDatabase({
      connectionString: `postgresql://${url.username}@127.0.0.1:${relay.port}${url.pathname}?sslmode=disable`,
      maxConnections: 1,
      logger: testLogger,
    });
    try {
      await work(database);
    } finally {
      await database.close();
      relay.close();
    }
  };

  const one = (database: Database) =>
    database.withConnection((connection) => connection.query({ text: 'select 1 as one' }));

  // Ready at first, and once its session has its settings.
  for (const [when, nth] of [
    ['new', 1],
    ['settled', 2],
  ] as const) {
    it(`when it is ${when}, fails its user alone, not the process`, async () => {
      await dyingAt(nth, async (database) => {
        await rejection(one(database), DatabaseUnavailable);
        expect(await one(database)).to.deep.equal([{ one: 1 }]);
      });
    });
  }

  it('when another has just given it back, fails its user alone, not the process', async () => {
    await dyingAt(3, async (database) => {
      const first = database.query({ text: 'select 0 as zero' });
      const second = one(database);
      expect(await first).to.deep.equal([{ zero: 0 }]);
      await rejection(second, DatabaseUnavailable);
      expect(await one(database)).to.deep.equal([{ one: 1 }]);
    });
  });
});
