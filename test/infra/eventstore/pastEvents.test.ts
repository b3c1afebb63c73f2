import { expect } from 'chai';
import fc from 'fast-check';
import type { EventStore, RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { pastEventsOf } from '../../../src/infra/eventstore/pastEvents.js';
import { postgresPastEvents } from '../../../src/infra/eventstore/postgres/pastEvents.js';
import type { PastEvents, StreamsOfLog } from '../../../src/queries/ports/pastEvents.js';
import { anEvent, readEverything, type LogUnderTest, type OpenedStore } from './contract/log.js';
import { doubleLog } from './eventstoredb/eventStoreDbLog.js';
import { postgresLog } from './postgres/postgresLog.js';

const STREAMS = ['a-1.x', 'a-1.y', 'a-10.x', 'a-1', 'b-1.x', 'a-2.x'];
const TYPES = ['ThingNoted', 'ThingForgotten', 'ThingLost'];

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

describe('The past of some streams', () => {
  const opened: { log: LogUnderTest; store: OpenedStore }[] = [];
  const readers: Record<string, PastEvents> = {};
  const all: Record<string, readonly RecordedEvent[]> = {};

  const prepare = async (
    name: string,
    log: LogUnderTest,
    readerOf: (store: EventStore) => PastEvents,
  ) => {
    const store = await log.open();
    opened.push({ log, store });
    all[name] = await fill(store.store);
    readers[name] = readerOf(store.store);
  };

  before(async () => {
    const postgres = await postgresLog();
    await prepare('of PostgreSQL by its index', postgres, () =>
      postgresPastEvents(postgres.database, 7),
    );
    await prepare('of PostgreSQL through the port', await postgresLog(), pastEventsOf);
    await prepare('of EventStoreDB', await doubleLog(), pastEventsOf);
  });
  after(async () => {
    for (const { log, store } of opened) {
      await store.close();
      await log.remove();
    }
  });

  const read = async (
    name: string,
    past: Parameters<PastEvents['of']>[0],
  ): Promise<readonly RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    for await (const page of readers[name]?.of(past) ?? []) {
      expect(page).not.to.have.lengthOf(0);
      events.push(...page);
    }
    return events;
  };

  for (const name of [
    'of PostgreSQL by its index',
    'of PostgreSQL through the port',
    'of EventStoreDB',
  ]) {
    it(`${name} has every event of theirs up to a position, once and in the order of the log`, async () => {
      const log = all[name] ?? [];
      await fc.assert(
        fc.asyncProperty(
          streams,
          some(TYPES),
          fc.nat(log.length),
          async ({ names = [], prefixes = [] }, types, count) => {
            const upTo = log[count - 1]?.position ?? 0n;
            const expected = log.filter(
              ({ stream, type, position }) =>
                position <= upTo &&
                types.includes(type) &&
                (names.includes(stream) || prefixes.some((prefix) => stream.startsWith(prefix))),
            );
            const events = await read(name, { names, prefixes, types, upTo });
            expect(events).to.deep.equal(expected);
          },
        ),
        { numRuns: 60 },
      );
    });
  }

  it('stops where whoever asked has gone', async () => {
    for (const name of Object.keys(readers)) {
      const past = { prefixes: ['a-'], types: TYPES, upTo: all[name]?.at(-1)?.position ?? 0n };
      const signal = AbortSignal.abort();
      const failure = await read(name, { ...past, signal }).catch((error: unknown) => error);
      expect(failure, name).to.have.nested.property('failure.kind', 'aborted');
    }
  });
});
