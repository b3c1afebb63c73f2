import { expect } from 'chai';
import { once } from 'node:events';
import { realpath } from 'node:fs/promises';
import { connect } from 'node:net';
import { version } from '../../../../src/infra/version.js';
import { runningInstance } from '../../../../src/infra/postgres/embedded/instanceLock.js';
import { isAlive } from '../../../../src/infra/postgres/embedded/leftovers.js';
import {
  runCli,
  startCli,
  startServe,
  type CliResult,
  type ServeProcess,
} from '../../../support/service/cliProcess.js';
import { freshDatabase, freshDataDir, removeDataDir } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  memberOf,
  openHttpClient,
  textOf,
  type HttpAnswer,
} from '../../../support/service/httpClient.js';
import { postgresOf } from '../../../support/postgres/outage.js';

/** How long a service waits for clients when it is to end. */
const SHUT_DOWN_SOON = { REELLOG_SHUTDOWN_SECONDS: '1' };

/** `reellog serve` with a database of its own, from the first start on. */
describe('reellog serve', () => {
  let dataDir: string;
  let interrupted: CliResult;
  let serving: ServeProcess;
  let token: string;
  let film: string;
  /** What answers must show. */
  let position = '1';

  before(async () => {
    dataDir = await freshDataDir();
    const starting = startCli(['serve'], { REELLOG_DATA_DIR: dataDir, PORT: '0' });
    await eventually(
      'it has the folder',
      async () => (await runningInstance(dataDir)) !== undefined,
    );
    interrupted = await starting.end('SIGINT');
    serving = await startServe({ ...SHUT_DOWN_SOON, REELLOG_DATA_DIR: dataDir });
  });
  after(async () => {
    await serving.end('SIGKILL');
    await removeDataDir(dataDir);
  });

  /** A client that begins to send, and sends no more. @returns resolves when it was hung up on */
  const slowClient = async (): Promise<() => Promise<unknown>> => {
    const { hostname, port } = new URL(serving.url);
    const socket = connect(Number(port), hostname);
    await once(socket, 'connect');
    const head = [
      ...['POST /api/v1/movies HTTP/1.1', 'Host: reellog', `Authorization: Bearer ${token}`],
      ...['Content-Type: application/json', 'Content-Length: 1000', 'Expect: 100-continue'],
    ];
    socket.write(`${head.join('\r\n')}\r\n\r\n{"title":`);
    // The service has the request in hand: it says so.
    const [said] = (await once(socket, 'data')) as [Buffer];
    expect(said.toString()).to.match(/^HTTP\/1.1 100 /);
    socket.on('error', () => undefined);
    const over = once(socket, 'close');
    return () => over;
  };

  const send = async (path: string, body?: object): Promise<HttpAnswer> => {
    const client = openHttpClient(serving.url);
    try {
      const method = body ? 'POST' : 'GET';
      const headers = { 'Reellog-After': position };
      return await client.send({ method, path, token, headers, ...(body ? { body } : {}) });
    } finally {
      client.close();
    }
  };

  it('ends when it is told to while it makes its database, and starts anew after that', () => {
    expect(interrupted).to.deep.equal({
      ...{ code: 130, signal: null, stdout: '' },
      stderr: 'Interrupted before it had started.\n',
    });
  });

  it("says where it is, where its documentation is, and the owner's token", async () => {
    const [first, second, third, ...more] = serving.said().split('\n');
    expect(first).to.match(
      new RegExp(`^Reellog ${version} serves at http://127\\.0\\.0\\.1:\\d+$`),
    );
    expect(second).to.equal(`API documentation: ${serving.url}/docs/`);
    expect(third).to.match(/^Owner's token \(shown this once\): reel_[\w-]{43}$/);
    expect(more).to.deep.equal(['']);
    token = serving.token ?? '';
    expect((await send('/docs/')).status).to.equal(200);
    position = '0';
    const films = await send('/api/v1/movies');
    expect(films.status, films.text).to.equal(200);
    const made = await send('/api/v1/movies', { title: 'Mirror' });
    expect(made.status, made.text).to.equal(201);
    position = textOf(made.json, 'position');
    expect(memberOf((await send('/api/v1/me')).json, 'displayName')).to.equal('Owner');
    film = String(made.headers.location);
  });

  it('is refused a second time on the same data folder, in words and by exit code', async () => {
    const second = await runCli(['serve'], { REELLOG_DATA_DIR: dataDir, PORT: '0' });
    expect(second).to.deep.equal({
      ...{ code: 3, signal: null, stdout: '' },
      stderr:
        `The data folder ${await realpath(dataDir)} is in use by another Reellog (process ${serving.pid}). ` +
        'Stop it first, or set REELLOG_DATA_DIR to another folder.\n',
    });
    expect((await send(film)).status).to.equal(200);
  });

  it('is refused a port that is taken, without a trace of where in the code', async () => {
    const fresh = await freshDatabase();
    try {
      const { port } = new URL(serving.url);
      const second = await runCli(['serve'], { DATABASE_URL: fresh.connectionString, PORT: port });
      expect(second).to.deep.equal({
        ...{ code: 1, signal: null, stdout: '' },
        stderr:
          `Cannot listen on 127.0.0.1:${port}: another program listens there. ` +
          'Set PORT to another one.\n',
      });
      // The token that is shown once waits for a start that succeeds.
      const first = await startServe({ DATABASE_URL: fresh.connectionString });
      await first.end('SIGTERM');
      expect(first.token).to.match(/^reel_/);
    } finally {
      await fresh.drop();
    }
  });

  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    it(`ends with its database at ${signal}, whoever still sends, and has everything when it is started again`, async () => {
      const postgres = await postgresOf(dataDir);
      const hungUp = await slowClient();
      expect(await serving.end(signal)).to.deep.include({ code: 0, signal: null, stderr: '' });
      await hungUp();
      expect(isAlive(postgres)).to.equal(false);
      serving = await startServe({ ...SHUT_DOWN_SOON, REELLOG_DATA_DIR: dataDir });
      expect(serving.token, 'the token is shown once').to.equal(undefined);
      expect(serving.said()).not.to.match(/reel_/);
      expect(memberOf((await send(film)).json, 'title')).to.equal('Mirror');
    });
  }
});

describe('reellog', () => {
  const nobody = 'postgresql://reellog@127.0.0.1:1/reellog';

  it('ends with the reason when it cannot begin on a database, and does not hang', async () => {
    const fresh = await freshDatabase();
    try {
      await fresh.database.query({ text: 'drop table api_tokens' });
      const { code, stdout, stderr } = await runCli(['serve'], {
        DATABASE_URL: fresh.connectionString,
      });
      expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
      expect(stderr).to.match(/^error: relation "api_tokens" does not exist\n/);
    } finally {
      await fresh.drop();
    }
  });

  it('says by exit code that a database does not answer, or is not there', async () => {
    const fresh = await freshDatabase();
    await fresh.drop();
    const [away, gone] = await Promise.all([
      runCli(['serve'], { DATABASE_URL: nobody }),
      runCli(['token', 'list'], { DATABASE_URL: fresh.connectionString }),
    ]);
    expect([away, gone]).to.containSubset([
      { code: 4, stdout: '' },
      { code: 4, stdout: '' },
    ]);
    expect(away.stderr).to.match(/^The database is not available: .*ECONNREFUSED 127.0.0.1:1\n$/);
    expect(gone.stderr).to.match(
      /^The database is not available: database "\w+" does not exist\n$/,
    );
  });
});
