import { expect } from 'chai';
import { EventStoreError, isEventStoreFailure } from '../../../../src/commands/ports/eventStore.js';
import { openMirroredLog } from '../../../../src/infra/eventstore/mirror/openMirroredLog.js';
import { openDatabase } from '../../../../src/infra/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { idsOf, newStream, numbered, readEverything } from '../contract/log.js';
import {
  mirroredLog,
  openServer,
  type MirroredLog,
  type OpenedMirrored,
} from '../eventstoredb/eventStoreDbLog.js';
import { startRestorableServer, type RestorableServer } from './restorableServer.js';

describe('A mirror whose server lost what is in it', () => {
  let server: RestorableServer;
  let log: MirroredLog;
  const opened: OpenedMirrored[] = [];

  beforeEach(async () => {
    server = await startRestorableServer();
    log = await mirroredLog(server.connectionString);
  });
  afterEach(async () => {
    for (const one of opened.splice(0)) await one.close();
    await log.remove();
    await server.close();
  });

  const open = async () => {
    const one = await log.open();
    opened.push(one);
    return one.store;
  };
  const close = async (): Promise<void> => {
    for (const one of opened.splice(0)) await one.close();
  };
  const appendTo = async (store: Pick<OpenedMirrored['store'], 'append'>, amount: number) => {
    const events = numbered(amount);
    await store.append(newStream(), events, { expectedRevision: 'no-stream' });
    return events;
  };
  /** Past the mirror. */
  const appendToServer = async (amount: number): Promise<void> => {
    const raw = openServer(server.connectionString);
    await appendTo(raw, amount).finally(() => raw.close());
  };
  const refusal = async (work: Promise<unknown>): Promise<string> => {
    const { failure, message } = await rejection(work, EventStoreError);
    expect(failure).to.deep.equal({ kind: 'past-gone' });
    return message;
  };

  it('is not opened where the last events are missing; the message says which, and what to do', async () => {
    const store = await open();
    await appendTo(store, 5);
    const backup = await server.backup();
    const lost = await appendTo(store, 3);
    const head = await store.headPosition();
    await close();
    await server.restore(backup);
    const message = await refusal(open());
    expect(message)
      .to.include(`${lost.at(-1)?.id}`)
      .and.to.include(`position ${head}`);
    expect(message).to.include('backup').and.to.include('reellog log mirror --anew');
    // However often it is tried.
    expect(await refusal(open())).to.equal(message);
  });

  it('is not opened where others stand in their place, fewer or more', async () => {
    const store = await open();
    await appendTo(store, 2);
    const backup = await server.backup();
    await appendTo(store, 3);
    // The mirror has them.
    await store.headPosition();
    await close();
    for (const amount of [1, 3, 40]) {
      await server.restore(backup);
      await appendToServer(amount);
      await refusal(open());
    }
  });

  it('is opened again, and goes on, when the server has it all again', async () => {
    const store = await open();
    const ids = [...idsOf(await appendTo(store, 2))];
    const early = await server.backup();
    ids.push(...idsOf(await appendTo(store, 2)));
    await store.headPosition();
    const whole = await server.backup();
    await close();
    await server.restore(early);
    await refusal(open());
    await server.restore(whole);
    let again: OpenedMirrored['store'] | undefined;
    await eventually('it is opened', async () => {
      again = await open().catch(() => undefined);
      return again !== undefined;
    });
    if (!again) return;
    ids.push(...idsOf(await appendTo(again, 1)));
    expect(idsOf(await readEverything(again))).to.deep.equal(ids);
  });

  const reads = async (store: OpenedMirrored['store']): Promise<boolean> =>
    store.readAll().then(
      () => true,
      (error: unknown) => {
        if (isEventStoreFailure(error, 'past-gone')) return false;
        throw error;
      },
    );
  const everything = (store: OpenedMirrored['store'], stream: string) => [
    store.readAll(),
    store.headPosition(),
    store.readStream(stream),
    store.readStream(stream, { direction: 'backwards' }),
    store.readStream(stream, { mayLag: true }),
    store.append(newStream(), numbered(1), { expectedRevision: 'no-stream' }),
  ];

  it('that is open refuses every read and every append, in each process, until the server has it all', async () => {
    const stores = [await open(), await open()];
    const [store] = stores;
    if (!store) return;
    await appendTo(store, 2);
    const early = await server.backup();
    const stream = newStream();
    await store.append(stream, numbered(2), { expectedRevision: 'no-stream' });
    const head = await store.headPosition();
    const whole = await server.backup();
    await server.restore(early);
    for (const each of stores) {
      await eventually('it refuses', async () => !(await reads(each)));
      const messages = await Promise.all(everything(each, stream).map(refusal));
      expect(new Set(messages).size).to.equal(1);
      expect(messages[0]).to.include(`position ${head}`).and.to.include('--anew');
    }
    await server.restore(whole);
    for (const each of stores) {
      await eventually('it reads again', () => reads(each));
      expect((await each.readStream(stream)).lastRevision).to.equal(1n);
      await appendTo(each, 1);
    }
  });

  it('that nobody keeps takes no append after the server came back without a part', async () => {
    const store = await open();
    await appendTo(store, 2);
    const early = await server.backup();
    await appendTo(store, 2);
    await store.headPosition();
    await close();
    const { connectionString } = log;
    const database = openDatabase({ connectionString, maxConnections: 2, logger: testLogger });
    const raw = openServer(server.connectionString);
    try {
      const unkept = await openMirroredLog({
        ...{ database, logger: testLogger, keptBy: 'others' },
        log: openServer(server.connectionString),
      });
      await server.restore(early);
      const stream = newStream();
      const append = unkept.append(stream, numbered(1), { expectedRevision: 'no-stream' });
      expect(await refusal(append)).to.include('--anew');
      expect((await raw.readStream(stream)).lastRevision).to.equal(undefined);
      await unkept.close();
    } finally {
      await raw.close();
      await database.close();
    }
  });

  it('that is open refuses them where the server has another log, or an empty one', async () => {
    const store = await open();
    await appendTo(store, 2);
    await store.headPosition();
    const ours = await server.backup();
    await close();
    await server.restore();
    const raw = openServer(server.connectionString);
    const other = await raw.identify();
    await appendTo(raw, 9).finally(() => raw.close());
    const theirs = await server.backup();
    for (const [exchanged, named] of [
      [theirs, other],
      [Buffer.of(), 'empty'],
    ] as const) {
      await server.restore(ours);
      const exposed = await open();
      await server.restore(exchanged);
      await eventually('it refuses', async () => !(await reads(exposed)));
      const messages = await Promise.all(everything(exposed, newStream()).map(refusal));
      for (const message of messages) {
        expect(message).to.include('another log').and.to.include(named);
        expect(message)
          .to.include(await exposed.identify())
          .and.to.include('--anew');
      }
      await close();
    }
  });
});
