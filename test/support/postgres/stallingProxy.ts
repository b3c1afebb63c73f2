import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

/** A way to a server that can be blocked without either end hearing of it, as a firewall or a cable does. */
export interface StallingProxy {
  /** The server's, by way of this. */
  readonly connectionString: string;
  /**
   * Forwards nothing more, in both directions or of the answers alone, on the connections that there are and on
   * those that come.
   */
  stall(what?: 'everything' | 'answers'): void;
  /** Forwards again, what was held back included. */
  flow(): void;
  /** Forwards again on new connections; the others stay open and never carry a byte again. */
  flowOnNewOnly(): void;
  close(): Promise<void>;
}

interface Way {
  readonly client: Socket;
  readonly server: Socket;
  dead: boolean;
}

/** Opens a way over TCP on loopback to a server that is reached by a Unix socket. */
export const openStallingProxy = async (connectionString: string): Promise<StallingProxy> => {
  // A URL with no host but a folder in its parameters is no URL to the platform.
  const url = new URL(connectionString.replace('@/', '@localhost/'));
  const path = `${url.searchParams.get('host')}/.s.PGSQL.${url.searchParams.get('port')}`;
  const ways = new Set<Way>();
  let requests = true;
  let answers = true;

  const direct = ({ client, server, dead }: Way): void => {
    // Paused, a socket reads nothing: what the other end sends stays in the system's buffers.
    if (requests && !dead) client.resume();
    else client.pause();
    if (answers && !dead) server.resume();
    else server.pause();
  };
  const redirect = (): void => {
    for (const way of ways) direct(way);
  };

  const proxy = createServer({ pauseOnConnect: true, noDelay: true }, (client) => {
    const way: Way = { client, server: connect(path), dead: false };
    ways.add(way);
    for (const [from, to] of [
      [way.client, way.server],
      [way.server, way.client],
    ] as const) {
      from.on('data', (bytes: Buffer) => to.write(bytes));
      from.on('error', () => undefined);
      from.once('end', () => to.end());
      from.once('close', () => {
        to.destroy();
        ways.delete(way);
      });
    }
    direct(way);
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const { port } = proxy.address() as AddressInfo;
  return {
    connectionString: `postgresql://${url.username}@127.0.0.1:${port}${url.pathname}?sslmode=disable`,
    stall: (what = 'everything') => {
      requests = what === 'answers';
      answers = false;
      redirect();
    },
    flow: () => {
      requests = true;
      answers = true;
      redirect();
    },
    flowOnNewOnly: () => {
      for (const way of ways) way.dead = true;
      requests = true;
      answers = true;
      redirect();
    },
    close: async () => {
      const closed = new Promise<void>((resolve) => {
        proxy.close(() => {
          resolve();
        });
      });
      for (const { client, server } of ways) {
        client.destroy();
        server.destroy();
      }
      await closed;
    },
  };
};
