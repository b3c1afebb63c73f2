import { expect } from 'chai';
import fc from 'fast-check';
import type { EventStore, RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { postgresPastEvents } from '../../../src/infra/eventstore/postgres/reads/pastEvents.js';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import type { PastEvents, StreamsOfLog } from '../../../src/queries/ports/pastEvents.js';
import { testLogger } from '../../support/run/logger.js';
import { pastByReading } from '../../support/readModels/pastByReading.js';
import { anEvent, readEverything, type LogUnderTest, type OpenedStore } from './contract/log.js';
import { doubleLog } from './eventstoredb/eventStoreDbLog.js';
import { postgresLog } from './postgres/postgresLog.js';

const STREAMS = ['a-1.x', 'a-1.y', 'a-10.x', 'a-1', 'b-1.x', 'a-2.x'];
const TYPES = ['ThingNoted', 'ThingForgotten', 'ThingLost'];
/** Shorter than most pasts. */
const PAGE = 7;

/** A log of events that go to and fro between a few streams. */
const fill = async (store: EventStore): Promise<readonly RecordedEvent[]> => {
  for (let nth = 0; nth < 60; nth += 1) {
    const stream = STREAMS[(nth * 7 + Math.floor(nth / 5)) % STREAMS.length] ?? '';
    const types = Array.from({ length: 1 + (nth % 3) }, (_, more) => TYPES[(nth + more) % 3]);
    await store.append(
      stream,
      types.map((type) => anEvent(type, { nth })),
      { expectedRevision: 'any' },
    );
  }
  return readEverything(store);
};

const some = (values: readonly string[]) => fc.subarray([...values]);
const streams: fc.Arbitrary<StreamsOfLog> = fc.record(
  { names: some([...STREAMS, 'nobody']), prefixes: some(['a-1', 'a-1.', 'a-', 'b', 'c-']) },
  { requiredKeys: [] },
);

interface Log extends LogUnderTest {
  readonly connectionString: string;
}

const describePast = (where: string, prepare: () => Promise<Log>): void => {
  describe(`The past of some streams in ${where}`, () => {
    let log: Log;
    let opened: OpenedStore;
    let database: Database;
    let events: readonly RecordedEvent[];
    let past: PastEvents;

    before(async () => {
      log = await prepare();
      opened = await log.open();
      database = openDatabase({
        ...{ connectionString: log.connectionString, maxConnections: 2, logger: testLogger },
      });
      events = await fill(opened.store);
      past = postgresPastEvents(database, opened.tables, PAGE);
    });
    after(async () => {
      await database.close();
      await opened.close();
      await log.remove();
    });

    const read = async (
      from: PastEvents,
      wanted: Parameters<PastEvents['of']>[0],
    ): Promise<readonly RecordedEvent[]> => {
      const all: RecordedEvent[] = [];
      for await (const page of from.of(wanted)) {
        expect(page).not.to.have.lengthOf(0);
        all.push(...page);
      }
      return all;
    };

    it('has every event of theirs up to a position, once and in the order of the log', async () => {
      await fc.assert(
        fc.asyncProperty(
          ...[streams, some(TYPES), fc.nat(events.length)],
          async (of, types, count) => {
            const wanted = { ...of, types, upTo: events[count - 1]?.position ?? 0n };
            expect(await read(past, wanted)).to.deep.equal(
              await read(pastByReading(opened.store), wanted),
            );
          },
        ),
        { numRuns: 60 },
      );
    });

    it('stops where whoever asked has gone', async () => {
      const wanted = { prefixes: ['a-'], types: TYPES, upTo: events.at(-1)?.position ?? 0n };
      const signal = AbortSignal.abort();
      const failure = await read(past, { ...wanted, signal }).catch((error: unknown) => error);
      expect(failure).to.have.nested.property('failure.kind', 'aborted');
    });
  });
};

describePast('PostgreSQL', postgresLog);
describePast('a mirror of EventStoreDB', () => doubleLog());
