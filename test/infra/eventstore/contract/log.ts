import { randomUUID } from 'node:crypto';
import type { LogTables } from '../../../../src/infra/eventstore/postgres/logTables.js';
import type {
  EventStore,
  EventToAppend,
  LogBatch,
  LogFilter,
  LogPage,
  ReadAllOptions,
  RecordedEvent,
} from '../../../../src/commands/ports/eventStore.js';

/** One adapter on a log; several on one log are what several processes have. */
export interface OpenedStore {
  readonly store: EventStore;
  /** Where it is read from. */
  readonly tables: LogTables;
  close(): Promise<void>;
}

/** A log of the suite's own, empty at first. */
export interface LogUnderTest {
  open(): OpenedStore | Promise<OpenedStore>;
  remove(): Promise<void>;
}

/** What only some adapters promise. */
export interface Promises {
  /** Each event's metadata get a hash. */
  readonly chainsEvents?: boolean;
}

/** What the parts of the contract work with. */
export interface ContractContext {
  /** The store that is open for all tests of the suite. */
  readonly store: () => EventStore;
  /** Another adapter on the same log; closed after the test. */
  readonly another: () => Promise<EventStore>;
  /** A log of its own, open; removed after the test. */
  readonly anotherLog: () => Promise<EventStore>;
  readonly promises: Promises;
}

/** A stream that no other test writes to, whose name starts with the prefix. */
export const newStream = (prefix = 'thing'): string => `${prefix}-${randomUUID()}`;

/** An event with an id of its own. */
export const anEvent = (
  type = 'ThingNoted',
  data: Readonly<Record<string, unknown>> = {},
): EventToAppend => ({
  id: randomUUID(),
  type,
  data,
  metadata: { correlationId: randomUUID(), causationId: randomUUID(), schemaVersion: 1 },
});

/** Events that tell themselves apart by `data.nth`, from 0. */
export const numbered = (amount: number, type = 'ThingNoted'): readonly EventToAppend[] =>
  Array.from({ length: amount }, (_, nth) => anEvent(type, { nth }));

export const idsOf = (events: readonly EventToAppend[]): readonly string[] =>
  events.map(({ id }) => id);

/** The end of a log to which several processes append, once each sees what it appended itself. */
export const endOf = async (stores: readonly EventStore[]): Promise<bigint> => {
  const heads = await Promise.all(stores.map((store) => store.headPosition()));
  return heads.reduce((end, head) => (head > end ? head : end), 0n);
};

/** Everything in the log after a position, read in pages. */
export const readEverything = async (
  store: {
    readAll(options: Pick<ReadAllOptions, 'after' | 'filter' | 'maxCount'>): Promise<LogPage>;
  },
  options: {
    readonly after?: bigint;
    readonly filter?: LogFilter;
    readonly maxCount?: number;
  } = {},
): Promise<readonly RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  let after = options.after ?? 0n;
  for (;;) {
    const page = await store.readAll({ ...options, after });
    events.push(...page.events);
    if (page.end) return events;
    after = page.position;
  }
};

/** A subscription that keeps what it is given. */
export interface Follower {
  readonly batches: readonly LogBatch[];
  events(): readonly RecordedEvent[];
  /** Resolves when the subscription has ended; rejects with its error. */
  stop(): Promise<void>;
}

export const follow = (
  store: EventStore,
  options: {
    readonly after: bigint;
    readonly filter?: LogFilter;
    readonly batchSize?: number;
    /** Awaited before the next batch is taken. */
    readonly onBatch?: (batch: LogBatch) => void | Promise<void>;
  },
): Follower => {
  const { onBatch, ...subscription } = options;
  const stopping = new AbortController();
  const batches: LogBatch[] = [];
  const done = (async () => {
    for await (const batch of store.subscribeToAll({ ...subscription, signal: stopping.signal })) {
      batches.push(batch);
      await onBatch?.(batch);
    }
  })();
  // Told by `stop`.
  done.catch(() => undefined);
  return {
    batches,
    events: () => batches.flatMap(({ events }) => events),
    stop: () => {
      stopping.abort();
      return done;
    },
  };
};
