import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { expect } from 'chai';
import { pino } from 'pino';
import { openReellog, type Reellog } from '../../src/infra/composition/service.js';
import { configFrom } from '../../src/infra/config/config.js';
import { dataDirWithCluster, removeDataDir } from '../support/postgres/database.js';
import { eventually } from '../support/run/eventually.js';
import {
  memberOf,
  openHttpClient,
  textOf,
  type HttpClient,
} from '../support/service/httpClient.js';
import { rejection } from '../support/deciders/rejection.js';

/** What a person wrote; a row with it is refused below. */
const NOTE = 'Wept in row seven';
const REVIEW = 'My aunt snored through it';

describe('What a person wrote', () => {
  let dataDir: string;
  let reellog: Reellog;
  let client: HttpClient;
  let logged = '';

  before(async () => {
    dataDir = await dataDirWithCluster();
    const stream = new Writable({
      write: (chunk: Buffer, _, done) => {
        logged += chunk.toString();
        done();
      },
    });
    reellog = await openReellog(
      { ...configFrom({}), dataDir, host: '127.0.0.1', port: 0 },
      { logger: pino({ level: 'trace' }, stream), rebuildIn: 'process' },
    );
    reellog.engine.start();
    await reellog.made(AbortSignal.timeout(60_000));
    const { url } = await reellog.listen();
    client = openHttpClient(url);
  });
  after(async () => {
    client.close();
    await reellog.close();
    await removeDataDir(dataDir);
  });

  const api = (path: string, method = 'GET', body?: object) =>
    client.send({
      ...{ method, path: `/api/v1${path}`, token: reellog.ownerToken },
      ...(body ? { body } : {}),
    });

  it('is in no log, no trace of an error and no parked event when the database refuses its row', async () => {
    const film = await api('/movies', 'POST', { title: 'Ikiru' });
    const movieId = textOf(film.json, 'id');
    const schemas = await reellog.database.query<{ name: string; schema: string }>({
      text: 'select name, schema from projections.checkpoints',
    });
    for (const [name, table, column] of [
      ['history', 'plays', 'note'],
      ['ratings', 'ratings', 'review'],
    ] as const) {
      const schema = schemas.find((one) => one.name === name)?.schema ?? '';
      await reellog.database.query({
        text: `alter table ${schema}.${table} add constraint refused check (${column} is null)`,
      });
    }
    await api(`/movies/${movieId}/watches`, 'POST', { note: NOTE });
    await api(`/movies/${movieId}/review`, 'PUT', { review: REVIEW });
    await eventually('both are parked', async () => {
      const { json } = await api('/parked');
      return (memberOf(json, 'parked') as readonly unknown[]).length === 2;
    });
    const list = await api('/parked');
    const ids = (memberOf(list.json, 'parked') as readonly unknown[]).map((one) =>
      textOf(one, 'id'),
    );
    const shown = await Promise.all(ids.map((id) => api(`/parked/${id}`)));
    for (const { text } of shown) expect(text).to.include('refused').and.include('constraint');
    const stored = JSON.stringify(
      await reellog.database.query({
        text: 'select p::text, a::text from projections.parked_events p, projections.parked_acts a',
      }),
    );
    const serverLog = await readFile(join(dataDir, 'postgres.log'), 'utf8');
    expect(serverLog).to.include('violates check constraint');
    expect(logged).to.include('violates check constraint');
    const everywhere = [logged, serverLog, stored, list.text, ...shown.map(({ text }) => text)];
    for (const text of everywhere) {
      for (const secret of [NOTE, REVIEW]) expect(text).not.to.include(secret);
      expect(text).not.to.match(/Failing row|Key \(/);
    }
  });

  it('is not in an error of a statement, whatever the server says of the values', async () => {
    for (const [text, values] of [
      [`select $1::text::integer`, [NOTE]],
      [`select $1::text::json`, [`{"note": "${NOTE}", `]],
      [`select $1::text::uuid`, [NOTE]],
      ['insert into reservations (name, owner) values ($1, null)', [NOTE]],
    ] as const) {
      const error = await rejection(reellog.database.query({ text, values }), Error);
      const told = JSON.stringify(pino.stdSerializers.err(error)) + (error.stack ?? '');
      expect(told, text).not.to.include(NOTE);
      expect(Reflect.get(error, 'code')).to.be.a('string');
    }
  });
});
