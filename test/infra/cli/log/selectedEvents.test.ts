import { expect } from 'chai';
import fc from 'fast-check';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore, RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import {
  selectedEvents,
  type EventSelection,
} from '../../../../src/infra/cli/log/selectedEvents.js';
import { anEvent, newStream, numbered, type OpenedStore } from '../../eventstore/contract/log.js';
import { postgresLog, type PostgresLog } from '../../eventstore/postgres/postgresLog.js';

const USERS = ['2b1c6a7e-93b5-4d0f-8a0b-7d2f4c1e9a01', '2b1c6a7e-93b5-4d0f-8a0b-7d2f4c1e9a02'];
const STREAMS = [
  ...['movie-1', 'movie-12', 'library-1'],
  ...USERS.flatMap((user) => [`account-${user}`, `viewing-${user}.1`, `viewing-${user}.2`]),
];
const TYPES = ['One', 'Two', 'Three'];

/** Whether an event is wanted, told plainly. */
const meets = (event: RecordedEvent, selection: EventSelection): boolean => {
  const { stream, recordedAt, position, type, metadata } = event;
  const category = stream.split('-')[0];
  const name = stream.slice(stream.indexOf('-') + 1);
  const person = category === 'account' ? name : category === 'viewing' ? name.split('.')[0] : '';
  return [
    selection.stream === undefined || selection.stream === stream,
    selection.category === undefined || selection.category === category,
    selection.user === undefined || selection.user === person,
    selection.types === undefined || selection.types.includes(type),
    selection.correlationId === undefined || selection.correlationId === metadata.correlationId,
    selection.since === undefined || recordedAt.getTime() >= selection.since.getTime(),
    selection.until === undefined || recordedAt.getTime() < selection.until.getTime(),
    selection.after === undefined || position > selection.after,
    selection.upTo === undefined || position <= selection.upTo,
  ].every(Boolean);
};

describe('Events selected from the log', () => {
  let log: PostgresLog;
  let opened: OpenedStore;
  let all: readonly RecordedEvent[];

  before(async () => {
    log = await postgresLog();
    opened = log.open();
    for (let nth = 0; nth < 40; nth += 1) {
      // Longer than the log's clock ticks.
      if (nth % 4 === 0) await sleep(2);
      const stream = STREAMS[(nth * 7) % STREAMS.length] ?? '';
      const event = anEvent(TYPES[nth % TYPES.length]);
      const correlationId = `act-${nth % 5}`;
      await opened.store.append(
        stream,
        [{ ...event, metadata: { ...event.metadata, correlationId } }],
        { expectedRevision: 'any' },
      );
    }
    all = (await opened.store.readAll({ after: 0n })).events;
  });
  after(async () => {
    await opened.close();
    await log.remove();
  });

  const taken = async (
    selection: EventSelection,
    follow = false,
  ): Promise<readonly RecordedEvent[]> => {
    const events: RecordedEvent[] = [];
    const signal = AbortSignal.timeout(60_000);
    for await (const page of selectedEvents(opened.store, selection, { follow, signal })) {
      events.push(...page);
    }
    return events;
  };

  const arbitrarySelection = (): fc.Arbitrary<EventSelection> => {
    const time = fc
      .tuple(fc.nat(all.length - 1), fc.integer({ min: -1, max: 1 }))
      .map(([nth, more]) => new Date((all[nth]?.recordedAt.getTime() ?? 0) + more));
    const position = fc.bigInt({ min: 0n, max: 42n });
    const where = fc.oneof(
      fc.constant({}),
      fc.constantFrom(...STREAMS, 'movie').map((stream) => ({ stream })),
      fc.constantFrom('movie', 'viewing', 'account', 'library').map((category) => ({ category })),
      fc.constantFrom(...USERS).map((user) => ({ user })),
    );
    const rest = fc.record(
      {
        types: fc.subarray(TYPES, { minLength: 1 }),
        correlationId: fc.constantFrom('act-1', 'act-4', 'act-9'),
        since: time,
        until: time,
        after: position,
        upTo: position,
        limit: fc.nat(20),
      },
      { requiredKeys: [] },
    );
    return fc.tuple(where, rest).map(([place, conditions]) => ({ ...place, ...conditions }));
  };

  it('are those that meet all conditions, in order, the first of them when there is a limit', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySelection(), async (selection) => {
        const expected = all.filter((event) => meets(event, selection));
        expect(await taken(selection)).to.deep.equal(expected.slice(0, selection.limit));
      }),
      { numRuns: 150 },
    );
  });

  it('are the same, followed, before those that come', async () => {
    await fc.assert(
      fc.asyncProperty(arbitrarySelection(), async ({ limit: _, upTo: _2, until: _3, ...rest }) => {
        const expected = all.filter((event) => meets(event, rest));
        expect(await taken({ ...rest, limit: expected.length }, true)).to.deep.equal(expected);
      }),
      { numRuns: 50 },
    );
  });

  it('are read no further ahead of whoever takes them than a page', async () => {
    const other = await postgresLog();
    const writer = other.open();
    try {
      for (let nth = 0; nth < 10; nth += 1) {
        await writer.store.append(newStream(), numbered(500), { expectedRevision: 'no-stream' });
      }
      let read = 0;
      const counting: EventStore = {
        ...writer.store,
        readAll: async (options) => {
          const page = await writer.store.readAll(options);
          read += page.events.length;
          return page;
        },
      };
      const signal = AbortSignal.timeout(60_000);
      const pages = selectedEvents(counting, {}, { signal });
      let got = 0;
      for await (const page of pages) {
        got += page.length;
        await sleep(2);
        expect(read - got).to.equal(0);
      }
      expect(got).to.equal(5_000);
    } finally {
      await writer.close();
      await other.remove();
    }
  });
});
