import { expect } from 'chai';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { openDatabase } from '../../../src/infra/postgres/database.js';
import { listenTo, type Listening } from '../../../src/infra/postgres/listening.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';

const logger = testLogger;

describe('Listening to notifications', () => {
  let fresh: FreshDatabase;
  let listening: Listening | undefined;

  before(async () => {
    fresh = await freshDatabase({ contents: 'nothing' });
  });
  after(() => fresh.drop());
  afterEach(() => listening?.close());

  const notify = (channel: string, payload: string) =>
    fresh.database.query({ text: 'select pg_notify($1, $2)', values: [channel, payload] });

  /** The connections that listen. */
  const listeners = async (): Promise<readonly number[]> => {
    const rows = await fresh.database.query<{ pid: number }>({
      text: `select pid from pg_stat_activity
             where datname = current_database() and (query like 'listen%' or query = 'select 1')
               and pid <> pg_backend_pid() and application_name = 'ear'`,
    });
    return rows.map(({ pid }) => pid);
  };

  const listen = (
    channels: readonly string[],
    handle?: (payload: string) => void,
    heartbeat?: { everyMs: number; answerMs: number },
  ) => {
    const heard: string[] = [];
    const counts = { listening: 0, lost: 0 };
    listening = listenTo(
      { connectionString: fresh.connectionString, application_name: 'ear' },
      channels,
      {
        onNotification: (channel, payload) => {
          heard.push(`${channel}: ${payload}`);
          handle?.(payload);
        },
        onListening: () => (counts.listening += 1),
        onLost: () => (counts.lost += 1),
      },
      logger,
      heartbeat,
    );
    return { heard, counts };
  };

  it('hears what is notified on its channels, in order, and nothing else', async () => {
    const { heard, counts } = listen(['log', 'Mixed Case']);
    await eventually('it listens', () => counts.listening === 1);
    await notify('other', 'not this');
    await notify('log', '1');
    await notify('Mixed Case', '');
    await notify('log', '2');
    await eventually('all is heard', () => heard.length === 3);
    expect(heard).to.deep.equal(['log: 1', 'Mixed Case: ', 'log: 2']);
  });

  it('tells when its connection was lost and when it listens again', async () => {
    const { heard, counts } = listen(['log']);
    await eventually('it listens', () => counts.listening === 1);
    const [pid] = await listeners();
    await fresh.database.query({ text: 'select pg_terminate_backend($1)', values: [pid] });
    await eventually('it listens again', () => counts.listening === 2);
    expect(counts.lost).to.equal(1);
    await notify('log', 'after');
    await eventually('it hears again', () => heard.length === 1);
  });

  it('notices a connection that has silently died', async () => {
    const { counts } = listen(['log'], undefined, { everyMs: 20, answerMs: 1_000 });
    await eventually('it listens', () => counts.listening === 1);
    const [pid] = await listeners();
    // Signals to process 0 go to all processes of the tests.
    if (pid === undefined) throw new Error('nobody listens');
    process.kill(pid, 'SIGSTOP');
    try {
      await eventually('it listens on another connection', () => counts.listening >= 2);
    } finally {
      process.kill(pid, 'SIGCONT');
    }
  });

  it('goes on when whoever is told throws', async () => {
    const { heard, counts } = listen(['log'], () => {
      throw new Error('cannot cope');
    });
    await eventually('it listens', () => counts.listening === 1);
    await notify('log', '1');
    await notify('log', '2');
    await eventually('both are heard', () => heard.length === 2);
    expect(counts).to.deep.equal({ listening: 1, lost: 0 });
  });

  it('keeps trying while there is no server, and ends at once when closed', async () => {
    const nowhere = openDatabase({
      connectionString: fresh.connectionString.replace(/host=[^&]*/, 'host=%2Fnowhere'),
      maxConnections: 1,
      logger,
    });
    let lost = 0;
    const lonely = nowhere.listen(['log'], {
      onNotification: () => undefined,
      onListening: () => undefined,
      onLost: () => (lost += 1),
    });
    await eventually('it has tried twice', () => lost >= 2);
    await lonely.close();
    await nowhere.close();
  });

  it('ends when it is closed while the server has not yet said anything', async () => {
    const silent = createServer();
    silent.listen(0, '127.0.0.1');
    await once(silent, 'listening');
    const { port } = silent.address() as AddressInfo;
    const handlers = { onNotification: () => undefined, onListening: () => undefined };
    const early = listenTo({ host: '127.0.0.1', port }, ['log'], handlers, logger);
    const [socket] = (await once(silent, 'connection')) as [Socket];
    await early.close();
    socket.destroy();
    silent.close();
  });

  it('leaves no connection when closed', async () => {
    const { counts } = listen(['log']);
    await eventually('it listens', () => counts.listening === 1);
    await listening?.close();
    await eventually('the connection is gone', async () => (await listeners()).length === 0);
    expect(counts.lost).to.equal(0);
  });
});
