import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { runningInstance } from '../../../src/infra/postgres/embedded/instanceLock.js';
import { postmasterFile, SOCKET_PORT } from '../../../src/infra/postgres/embedded/leftovers.js';

/** A connection of a test's own to a server that is about to be disturbed. */
const withClient = async <T>(
  connectionString: string,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
};

const endOthers = (client: pg.Client) =>
  client.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where backend_type = 'client backend' and pid <> pg_backend_pid()`,
  );

/** Ends every connection to a server, which itself goes on. */
export const endConnections = (connectionString: string): Promise<void> =>
  withClient(connectionString, async (client) => {
    await endOthers(client);
  });

/**
 * Makes an embedded server unreachable: its socket is moved away, then its connections are ended.
 * @returns brings it back
 */
export const takeServerAway = (connectionString: string): Promise<() => Promise<void>> =>
  withClient(connectionString, async (client) => {
    const socketDir = new URL(connectionString.replace('@/', '@localhost/')).searchParams.get(
      'host',
    );
    const socket = join(socketDir ?? '', `.s.PGSQL.${SOCKET_PORT}`);
    const away = `${socket}.away`;
    await rename(socket, away);
    await endOthers(client);
    return () => rename(away, socket);
  });

/** The process id of the server itself, to kill. */
export const serverPidOf = (connectionString: string): Promise<number> =>
  withClient(connectionString, async (client) => {
    const { rows } = await client.query<{ data_directory: string }>('show data_directory');
    const file = await postmasterFile(rows[0]?.data_directory ?? '');
    if (!file) throw new Error('no server runs there');
    return file.pid;
  });

/** The process id of the embedded server on a data folder. */
export const postgresOf = async (dataDir: string): Promise<number> => {
  const running = await runningInstance(dataDir);
  if (running?.connectionString == null) throw new Error(`no server runs on ${dataDir}`);
  return serverPidOf(running.connectionString);
};
