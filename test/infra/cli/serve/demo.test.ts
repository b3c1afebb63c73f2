import { expect } from 'chai';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { startCli, type CliProcess, type CliResult } from '../../../support/service/cliProcess.js';
import { freshDataDir, removeDataDir } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  memberOf,
  openHttpClient,
  type HttpAnswer,
  type HttpRequest,
} from '../../../support/service/httpClient.js';

/** `reellog demo`, twice in the same folder. */
describe('reellog demo', () => {
  let dataDir: string;
  let demo: CliProcess;
  let url: string;
  let token: string;
  /** Where another program listened when it was started the second time. */
  let taken: string;

  const start = async (port = '0'): Promise<void> => {
    demo = startCli(['demo'], { REELLOG_DATA_DIR: dataDir, PORT: port, COLUMNS: '80' });
    await eventually('the demo serves', () => demo.said().includes("me/watches'\n"));
    url = /The API is up at (\S+) /.exec(demo.said())?.[1] ?? '';
    token = /Token +(\S+)/.exec(demo.said())?.[1] ?? '';
  };

  const send = async (request: HttpRequest): Promise<HttpAnswer> => {
    const client = openHttpClient(url);
    try {
      return await client.send({ token, ...request });
    } finally {
      client.close();
    }
  };

  const told = (): string =>
    demo
      .said()
      .replace(/.*\n\n(?=Ada)/s, '')
      .replace(/\n\n(Cannot listen|The API).*/s, '');

  before(async () => {
    dataDir = await freshDataDir();
    await start();
  });

  after(async () => {
    await demo.end('SIGINT');
    await removeDataDir(join(dataDir, 'demo'));
    await removeDataDir(dataDir);
  });

  it("prints a person's report: a heatmap of days, stats, streaks and achievements", () => {
    for (const heading of [
      /^Ada Lindqvist \(Europe\/Berlin, watching since 2021-01-02\)$/m,
      /^A year of days up to \d{4}-\d\d-\d\d$/m,
      /^Mon [·░▒▓█]{53}$/m,
      /^Genres +Decades$/m,
      /^Ratings +Weekdays$/m,
      /^Longest +10 days {2}2023-02-16 to 2023-02-25$/m,
      /^Achievements: 2\d of 37$/m,
      /^★ Opening Credits/m,
      / {2}Century Club +█+░+ \d\d\/100$/m,
      /^Lately$/m,
    ]) {
      expect(demo.said()).to.match(heading);
    }
    expect(demo.said()).not.to.include('\u001b').and.not.to.include('Refused');
  });

  it('leaves the API up, and says where, with a token that works', async () => {
    expect(demo.said()).to.include(`Documentation  ${url}/docs/`);
    const found = await send({ path: '/api/v1/movies?q=metropolis' });
    expect(memberOf(found.json, 'movies', 0, 'title')).to.equal('Metropolis');
    const body = { imdbId: 'tt0017136', watched: 'now' };
    const watched = await send({ method: 'POST', path: '/api/v1/me/watches', body });
    expect(watched.status, watched.text).to.equal(201);
    expect((await send({ path: '/docs/' })).status).to.equal(200);
  });

  it('ends cleanly on Ctrl-C, and shows the same and what was added when it starts again', async () => {
    const earlier = { token, report: told() };
    const ended: CliResult = await demo.end('SIGINT');
    expect(ended).to.include({ code: 0, stderr: '' });
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    taken = String(typeof address === 'object' ? address?.port : '');
    try {
      await start(taken);
    } finally {
      other.close();
    }
    expect(told()).not.to.equal(earlier.report);
    expect(told().split('\n').at(-5)).to.match(
      /^\d{4}-\d\d-\d\d {2}Metropolis \(1927\), watch no. \d/,
    );
    expect(token).not.to.equal(earlier.token);
    const refused = await send({ path: '/api/v1/me', token: earlier.token });
    expect(refused.status).to.equal(401);
  });

  it('takes any free port where another program has the one that it would take, and says so', async () => {
    expect(demo.said()).to.include(`Cannot listen on 127.0.0.1:${taken}`);
    expect(new URL(url).port).not.to.equal(taken);
    expect((await send({ path: '/healthz' })).status).to.equal(200);
  });
});
