import { expect } from 'chai';
import type { StreamSlice } from '../../../../src/commands/ports/eventStore.js';
import type { EventStoreDbLog } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import type { MirroredEventStore } from '../../../../src/infra/eventstore/mirror/mirroredEventStore.js';
import { openMirroredLog } from '../../../../src/infra/eventstore/mirror/openMirroredLog.js';
import { openDatabase, type Database } from '../../../../src/infra/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import { idsOf, newStream, numbered } from '../contract/log.js';
import { doubleLog, type DoubleLog } from '../eventstoredb/eventStoreDbLog.js';

const directions = ['forwards', 'backwards'] as const;

describe('A stream whose newest events are not in the mirror yet', () => {
  let log: DoubleLog;
  let server: EventStoreDbLog;
  let database: Database;

  before(async () => {
    log = await doubleLog();
    server = log.openServer();
    const { connectionString } = log;
    database = openDatabase({ connectionString, maxConnections: 3, logger: testLogger });
  });
  after(async () => {
    await database.close();
    await server.close();
    await log.remove();
  });

  /** A mirror that nobody keeps, with so many events of a stream that has more. */
  const half = async (mirrored: number, all: number): Promise<readonly [string, string[]]> => {
    const stream = newStream();
    const ids: string[] = [];
    const append = async (store: Pick<EventStoreDbLog, 'append'>, amount: number) => {
      const events = numbered(amount);
      await store.append(stream, events, { expectedRevision: 'any' });
      ids.push(...idsOf(events));
    };
    const keeper = await log.open();
    if (mirrored > 0) await append(keeper.store, mirrored);
    await keeper.store.headPosition();
    await keeper.close();
    if (all > mirrored) await append(server, all - mirrored);
    return [stream, ids];
  };
  const unkept = (over: EventStoreDbLog): Promise<MirroredEventStore> =>
    openMirroredLog({ database, log: over, logger: testLogger, keptBy: 'others' });

  for (const [mirrored, all] of [
    [0, 0],
    [0, 5],
    [3, 5],
    [5, 5],
  ] as const) {
    it(`is read as the server has it, from anywhere and in pages of any size: ${mirrored} of ${all}`, async () => {
      const [stream, ids] = await half(mirrored, all);
      const store = await unkept(log.openServer());
      try {
        for (const direction of directions) {
          for (const from of [undefined, 0n, 2n, 3n, 4n, 5n, 9n]) {
            for (const maxCount of [1, 2, 3, 4, 5, 6, 1_000]) {
              const read = { direction, maxCount, ...(from === undefined ? {} : { from }) };
              const there: StreamSlice = await server.readStream(stream, read);
              const here = await store.readStream(stream, read);
              const what = JSON.stringify({ ...read, from: from?.toString() });
              expect(idsOf(here.events), what).to.deep.equal(idsOf(there.events));
              expect(here.hasMore, what).to.equal(there.hasMore);
              // A page that the mirror fills is as new as the mirror.
              if (!here.hasMore) expect(here.lastRevision, what).to.equal(there.lastRevision);
            }
          }
          const lagging = await store.readStream(stream, { direction, mayLag: true });
          const known = ids.slice(0, mirrored);
          if (direction === 'backwards') known.reverse();
          expect(idsOf(lagging.events)).to.deep.equal(known);
        }
      } finally {
        await store.close();
      }
    });
  }

  for (const direction of directions) {
    it(`has each event once, ${direction}, when the mirror gets it in the middle of the read`, async () => {
      const [stream, ids] = await half(2, 5);
      const raw = log.openServer();
      let keeper: Awaited<ReturnType<DoubleLog['open']>> | undefined;
      const store = await unkept({
        ...raw,
        readStream: async (...parameters) => {
          const slice = await raw.readStream(...parameters);
          keeper ??= await log.open();
          const { store: kept } = keeper;
          await eventually('the mirror has it all', async () => {
            const { lastRevision } = await kept.readStream(stream, { mayLag: true });
            return lastRevision === 4n;
          });
          return slice;
        },
      });
      try {
        const { events, lastRevision, hasMore } = await store.readStream(stream, { direction });
        const read = [...idsOf(events)];
        expect(direction === 'forwards' ? read : read.reverse()).to.deep.equal(ids);
        expect({ lastRevision, hasMore }).to.deep.equal({ lastRevision: 4n, hasMore: false });
      } finally {
        await keeper?.close();
        await store.close();
      }
    });
  }
});
