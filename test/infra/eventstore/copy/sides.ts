import { randomUUID } from 'node:crypto';
import type { EventStore, RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import {
  byAppending,
  type TakesCopies,
} from '../../../../src/infra/eventstore/copy/byAppending.js';
import type { CopySide } from '../../../../src/infra/eventstore/copy/copyLog.js';
import type { CopiedLog, CopyTarget } from '../../../../src/infra/eventstore/copy/copyTarget.js';
import { toPostgres } from '../../../../src/infra/eventstore/copy/toPostgres.js';
import { readInOrder } from '../../../../src/infra/eventstore/eventstoredb/reads/readInOrder.js';
import { anEvent, readEverything } from '../contract/log.js';
import { openServer } from '../eventstoredb/eventStoreDbLog.js';
import { openPostgresStore } from '../postgres/postgresLog.js';
import {
  databaseLike,
  freshDatabase,
  type FreshDatabase,
} from '../../../support/postgres/database.js';
import {
  startEventStoreDouble,
  type EventStoreDouble,
  type EventStoreDoubleOptions,
} from '../../../support/eventstoredb/double.js';

/** A log as these tests look at it, as it is where it is. */
export interface TestLog
  extends CopiedLog, Pick<EventStore, 'append' | 'readStream' | 'headPosition'> {}

/** A log of a test's own that can be either end of a copy. */
export interface TestSide {
  readonly store: TestLog;
  readonly source: CopySide<CopiedLog>;
  readonly target: CopySide<CopyTarget>;
  remove(): Promise<void>;
}

/** With the database that it is in, which keeps everything else as well. */
export interface PostgresSide extends TestSide {
  readonly store: EventStore;
  readonly fresh: FreshDatabase;
  close(): Promise<void>;
}

/** @param original whose database it has a copy of; that one is open no more */
export const postgresSide = async (original?: PostgresSide): Promise<PostgresSide> => {
  await original?.close();
  const fresh = await (original ? databaseLike(original.fresh) : freshDatabase());
  const opened = openPostgresStore(fresh.connectionString);
  const { store } = opened;
  const keeper = fresh.database;
  return {
    ...{ fresh, store },
    source: { log: store, keeper },
    target: { log: toPostgres(store, keeper), keeper },
    close: () => opened.close(),
    remove: async () => {
      await opened.close();
      await fresh.drop();
    },
  };
};

/** In EventStoreDB, on a double of its own. */
export interface EventStoreDbSide extends TestSide {
  readonly store: TestLog & TakesCopies;
  readonly double: EventStoreDouble;
}

export const eventStoreDbSide = async (
  options: EventStoreDoubleOptions = {},
): Promise<EventStoreDbSide> => {
  const double = await startEventStoreDouble(options);
  const log = openServer(double.connectionString);
  const inOrder = readInOrder(log);
  const readAll: CopiedLog['readAll'] = (options) => inOrder.readAll(options);
  const headPosition = async () => (await readEverything({ readAll })).at(-1)?.position ?? 0n;
  const store = { ...log, readAll, headPosition };
  return {
    ...{ double, store },
    source: { log: store },
    target: { log: byAppending(store) },
    remove: async () => {
      await inOrder.close();
      await log.close();
      await double.close();
    },
  };
};

/** A target that has something done once what was written to it has been read again to its end. */
export const onceReadAgain = (
  { log, ...side }: CopySide<CopyTarget>,
  work: () => Promise<unknown>,
): CopySide<CopyTarget> => {
  let written = false;
  const readAll: CopiedLog['readAll'] = async (options) => {
    const page = await log.log.readAll(options);
    if (page.end && written) {
      written = false;
      await work();
    }
    return page;
  };
  const write: typeof log.write = (...parameters) => {
    written = true;
    return log.write(...parameters);
  };
  return { ...side, log: { ...log, write, log: { ...log.log, readAll } } };
};

/** What a copy keeps of every event: all but its position. */
export const contentsOf = async (store: Pick<CopiedLog, 'readAll'>): Promise<readonly object[]> =>
  (await readEverything(store, { maxCount: 5_000 })).map(
    ({ stream, revision, id, type, data, metadata, recordedAt }) => ({
      ...{ stream, revision, id, type, data, metadata, recordedAt },
    }),
  );

/** Events of many streams, one after the other and in runs, whose data are not easy to carry. */
export const writeHistory = async (
  store: Pick<EventStore, 'append'>,
  amount: number,
): Promise<void> => {
  const streams = Array.from({ length: Math.ceil(amount / 7) }, () => `viewing-${randomUUID()}`);
  for (let nth = 0; nth < amount;) {
    const appends = Array.from({ length: 60 }, (_, at) => {
      const run = (nth + at) % 5 === 0 ? 3 : 1;
      const events = Array.from({ length: run }, (_, turn) =>
        anEvent(turn === 0 ? 'TitleRated' : 'TitleNoted', {
          nth: nth + at,
          ...{
            title: 'Ordet “\u{1f3ac}”\\n\t\\',
            empty: {},
            none: null,
            some: [1.5, -0, 1e21, ''],
          },
          ...{ b: 1, a: 2 },
        }),
      );
      const stream = streams[(nth * 31 + at) % streams.length] ?? '';
      return store.append(stream, events, { expectedRevision: 'any' });
    });
    await Promise.all(appends);
    nth += appends.length;
  }
};

export const lastOf = async (store: EventStore): Promise<RecordedEvent | undefined> => {
  const { events } = await store.readAll({ direction: 'backwards', maxCount: 1 });
  return events[0];
};
