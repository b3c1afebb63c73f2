import { expect } from 'chai';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reellogOn, startServe, type ServeProcess } from '../../../support/service/cliProcess.js';
import { foreignDatabase, type ForeignDatabase } from '../../../support/postgres/foreignServer.js';
import { openHttpClient, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';

/** A PostgreSQL of one's own: a plain role owns the database, and the role's settings are its own. */
describe('Reellog on a PostgreSQL of one’s own', () => {
  let foreign: ForeignDatabase;
  let serving: ServeProcess;
  let folder: string;
  const { done } = reellogOn(() => foreign.connectionString);

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reellog-test-own-'));
    foreign = await foreignDatabase('role');
    serving = await startServe({ DATABASE_URL: foreign.connectionString });
  });
  after(async () => {
    await serving.end('SIGTERM');
    await foreign.drop();
    await rm(folder, { recursive: true, force: true });
  });

  const send = async (
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<HttpAnswer> => {
    const client = openHttpClient(serving.url);
    try {
      const method = body ? 'POST' : 'GET';
      const { token } = serving;
      return await client.send({ method, path, token, headers, ...(body ? { body } : {}) });
    } finally {
      client.close();
    }
  };

  it('takes commands and answers queries, as of a moment, too', async () => {
    const made = await send('/api/v1/movies', { title: 'Mirror', releaseDate: '1975-03-07' });
    expect(made.status, made.text).to.equal(201);
    const movieId = textOf(made.json, 'id');
    const watched = { at: '2026-02-06T20:15:30.123Z' };
    const watch = await send('/api/v1/me/watches', { movieId, watched, note: 'Ça va, Žižek' });
    expect(watch.status, watch.text).to.equal(201);
    const headers = { 'Reellog-After': textOf(watch.json, 'position') };
    for (const path of ['me/history', 'me/stats', 'movies?q=miror', `movies/${movieId}`]) {
      const answer = await send(`/api/v1/${path}`, undefined, headers);
      expect(answer.status, `${path}: ${answer.text}`).to.equal(200);
      const moment = `${path.includes('?') ? '&' : '?'}asOf=${headers['Reellog-After']}`;
      const then = await send(`/api/v1/${path}${moment}`);
      expect(then.status, `${path}${moment}: ${then.text}`).to.equal(200);
      expect(then.text, path).to.equal(answer.text);
    }
  });

  it('is worked on by every command', async () => {
    await done('migrate');
    expect(await done('token', 'list')).to.include('first start');
    expect(await done('events', '--type', 'MovieWatched')).to.include('"2026-02-06T20:15:30.123Z"');
    expect(await done('projections')).to.include('catalogue');
    expect(await done('replay', 'history')).to.include('2026-02-06');
    expect(await done('replay', 'catalogue')).to.include('Mirror');
    await done('rebuild', '--all');
    expect(await done('verify', '--all')).to.not.include('differ');
    await done('parked', 'list');
    await done('jobs', 'run', 'forget-receipts');
    await done('log', 'verify');
    expect(await done('export', folder)).to.include('holds the log');
    const sql = 'select local_date, moment from history.plays';
    expect(await done('sql', sql, '--format', 'csv')).to.include('2026-02-06');
  });
});
