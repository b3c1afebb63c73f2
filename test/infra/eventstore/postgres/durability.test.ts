import { expect } from 'chai';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { text } from 'node:stream/consumers';
import { from as copyFrom, to as copyTo } from 'pg-copy-streams';
import type { Database } from '../../../../src/infra/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { follow, idsOf, newStream, numbered, readEverything } from '../contract/log.js';
import { postgresLog, type PostgresLog } from './postgresLog.js';

describe('What is in the PostgreSQL log', () => {
  const logs: PostgresLog[] = [];
  const streams = [newStream(), newStream(), newStream()] as const;

  const filledLog = async (): Promise<PostgresLog> => {
    const log = await postgresLog();
    logs.push(log);
    const opened = log.open();
    const { store } = opened;
    for (let nth = 0; nth < 10; nth += 1) {
      for (const stream of streams) {
        await store.append(stream, numbered(1 + (nth % 3)), { expectedRevision: 'any' });
      }
    }
    await opened.close();
    return log;
  };

  afterEach(async () => {
    for (const log of logs.splice(0)) await log.remove();
  });

  it('cannot be changed, taken out or emptied', async () => {
    const log = await filledLog();
    const opened = log.open();
    const { store } = opened;
    const before = await readEverything(store);
    for (const statement of [
      `update log.events set data = '{}'`,
      `update log.events set position = position + 1000 where position = 1`,
      'delete from log.events where position = 3',
      'truncate log.events',
      'truncate log.events cascade',
    ]) {
      const refused = await log.database
        .query({ text: statement })
        .catch((error: unknown) => error);
      expect(refused).to.include({ code: '23001' });
      expect(refused).to.have.property('message').that.includes('append-only');
    }
    expect(await readEverything(store)).to.deep.equal(before);
    await opened.close();
  });

  it('is there after a restart', async () => {
    const log = await filledLog();
    const first = log.open();
    const before = await readEverything(first.store);
    await first.close();
    const second = log.open();
    expect(await readEverything(second.store)).to.deep.equal(before);
    const { position } = await second.store.append(streams[0], numbered(1), {
      expectedRevision: 'stream-exists',
    });
    expect(position).to.equal(BigInt(before.length + 1));
    await second.close();
  });

  it('is complete when closing: appends that were handed in are answered first', async () => {
    const log = await filledLog();
    const opened = log.open();
    const { store } = opened;
    const stream = newStream();
    const appends = numbered(20).map((event) =>
      store.append(stream, [event], { expectedRevision: 'any' }),
    );
    await opened.close();
    expect((await Promise.all(appends)).map(({ revision }) => revision)).to.deep.equal(
      Array.from({ length: 20 }, (_, nth) => BigInt(nth)),
    );
  });

  /** As a dump has it: data only, table by table. */
  const dump = (database: Database, table: string): Promise<string> =>
    database.withConnection(({ client }) => text(client.query(copyTo(`copy ${table} to stdout`))));

  const restore = (database: Database, table: string, rows: string): Promise<void> =>
    database.withConnection(({ client }) =>
      pipeline(Readable.from([rows]), client.query(copyFrom(`copy ${table} from stdin`))),
    );

  it('survives a dump and a restore elsewhere: same positions, same order, and appends go on', async () => {
    const source = await filledLog();
    const from = source.open();
    const before = await readEverything(from.store);
    const events = await dump(source.database, 'log.events');
    const head = await dump(source.database, 'log.head');
    await from.close();

    const target = await postgresLog();
    logs.push(target);
    // Transaction ids of the new server have nothing to do with those of the old.
    await target.database.query({ text: 'delete from log.head' });
    await restore(target.database, 'log.events', events);
    await restore(target.database, 'log.head', head);
    const to = target.open();
    expect(await readEverything(to.store)).to.deep.equal(before);

    const middle = before[Math.floor(before.length / 2)]?.position ?? 0n;
    const follower = follow(to.store, { after: middle });
    const [again] = before;
    const more = numbered(2);
    const result = await to.store.append(streams[1], more, { expectedRevision: 'stream-exists' });
    expect(result.position).to.equal(BigInt(before.length + 2));
    expect(
      again && (await to.store.append(again.stream, [again], { expectedRevision: 'any' })),
    ).to.deep.equal({ revision: 0n, position: 1n });
    await eventually('the follower is at the end', () =>
      follower.batches.some(({ position }) => position === result.position),
    );
    expect(idsOf(follower.events())).to.deep.equal([
      ...idsOf(before.filter(({ position }) => position > middle)),
      ...idsOf(more),
    ]);
    await follower.stop();
    await to.close();
  });
});
