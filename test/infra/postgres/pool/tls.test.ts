import { expect } from 'chai';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TLSSocket } from 'node:tls';
import { generate } from 'selfsigned';
import { openDatabase } from '../../../../src/infra/postgres/database.js';
import { DatabaseUnavailable } from '../../../../src/infra/postgres/databaseErrors.js';
import { SOCKET_PORT } from '../../../../src/infra/postgres/embedded/leftovers.js';
import { optionsOf, withSettledTls } from '../../../../src/infra/postgres/pool/tls.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { testLogger } from '../../../support/run/logger.js';
import { rejection } from '../../../support/deciders/rejection.js';

/** A client's wish to speak TLS is so many bytes (PostgreSQL documentation, "Message Formats", SSLRequest). */
const SSL_REQUEST_BYTES = 8;

describe('TLS to a PostgreSQL of one’s own', () => {
  let fresh: FreshDatabase;
  let folder: string;
  let ca: string;
  const closing: (() => void)[] = [];
  /** Connection strings without options, to a server that speaks TLS and one that does not. */
  let withTls: string;
  let without: string;

  before(async () => {
    fresh = await freshDatabase({ contents: 'nothing' });
    folder = await mkdtemp(join(tmpdir(), 'reellog-test-tls-'));
    const attributes = [{ name: 'commonName', value: 'db.example' }];
    const { cert, private: key } = await generate(attributes, { keySize: 2048 });
    ca = join(folder, 'ca.pem');
    await writeFile(ca, cert);
    withTls = await relay((socket, onward) => {
      socket.once('readable', () => {
        socket.read(SSL_REQUEST_BYTES);
        socket.write('S');
        onward(new TLSSocket(socket, { isServer: true, cert, key }));
      });
    });
    without = await relay((socket, onward) => {
      onward(socket);
    });
  });
  after(async () => {
    for (const close of closing) close();
    await fresh.drop();
    await rm(folder, { recursive: true });
  });

  /** Before the server's socket, a port that callers reach it through. */
  const relay = async (
    welcome: (socket: Socket, onward: (spoken: Socket) => void) => void,
  ): Promise<string> => {
    const url = new URL(fresh.connectionString.replace('@/', '@localhost/'));
    const path = join(url.searchParams.get('host') ?? '', `.s.PGSQL.${SOCKET_PORT}`);
    const sockets = new Set<Socket>();
    const server = createServer((socket) => {
      sockets.add(socket);
      socket.on('error', () => undefined);
      welcome(socket, (spoken) => {
        const inner = connect(path);
        sockets.add(inner);
        for (const each of [spoken, inner]) each.on('error', () => undefined);
        spoken.pipe(inner).pipe(spoken);
      });
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    closing.push(() => {
      server.close();
      for (const socket of sockets) socket.destroy();
    });
    const { port } = server.address() as AddressInfo;
    return `postgresql://${url.username}@127.0.0.1:${port}${url.pathname}`;
  };

  /** Asks the server something. @returns the mode that it was asked in */
  const asked = async (
    connectionString: string,
    ofEnvironment?: string,
  ): Promise<string | null> => {
    const settled = await withSettledTls(connectionString, ofEnvironment);
    const database = openDatabase({
      ...{ connectionString: settled, maxConnections: 1, logger: testLogger },
    });
    try {
      await database.ping();
    } finally {
      await database.close();
    }
    return optionsOf(settled).get('sslmode');
  };

  it('is used as preferred where the server has it, and not where it has not', async () => {
    for (const mode of ['prefer', 'allow']) {
      expect(await asked(`${withTls}?sslmode=${mode}`)).to.equal('no-verify');
      expect(await asked(`${without}?sslmode=${mode}`)).to.equal('disable');
    }
  });

  it('is as the environment says where the connection string does not', async () => {
    expect(await asked(withTls, 'prefer')).to.equal('no-verify');
    expect(await asked(without, 'prefer')).to.equal('disable');
    expect(await asked(`${without}?sslmode=disable`, 'require')).to.equal('disable');
    expect(await asked(without)).to.equal(null);
  });

  it('is an error where it is required and the server has none', async () => {
    for (const mode of ['require', 'no-verify', 'verify-ca', 'verify-full']) {
      const error = await rejection(asked(`${without}?sslmode=${mode}`), DatabaseUnavailable);
      expect(error.message).to.equal(
        'The database is not available: The server does not support SSL connections',
      );
    }
  });

  it('verifies the certificate unless it is told not to, and says what to do', async () => {
    for (const mode of ['require', 'verify-ca', 'verify-full']) {
      const error = await rejection(asked(`${withTls}?sslmode=${mode}`), DatabaseUnavailable);
      expect(error.message)
        .to.match(/^The database is not available: self-signed certificate/)
        .and.to.include('sslmode=no-verify');
    }
    expect(await asked(`${withTls}?sslmode=no-verify`)).to.equal('no-verify');
  });

  it('verifies the name of the server, unless the authority alone is asked for', async () => {
    const trusted = `${withTls}?sslrootcert=${encodeURIComponent(ca)}`;
    const error = await rejection(asked(`${trusted}&sslmode=verify-full`), DatabaseUnavailable);
    expect(error.message).to.include('does not match certificate');
    expect(await asked(`${trusted}&sslmode=verify-ca`)).to.equal('verify-ca');
  });

  it('is not spoken on a socket of this machine', async () => {
    const local = fresh.connectionString.replace('sslmode=disable', 'sslmode=require');
    expect(await asked(local)).to.equal('disable');
  });
});
