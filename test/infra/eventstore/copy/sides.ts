import { randomUUID } from 'node:crypto';
import type { EventStore, RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { byAppending } from '../../../../src/infra/eventstore/copy/byAppending.js';
import type { CopySide } from '../../../../src/infra/eventstore/copy/copyLog.js';
import type { CopyTarget } from '../../../../src/infra/eventstore/copy/copyTarget.js';
import type { EventStoreDbEventStore } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbEventStore.js';
import { toPostgres } from '../../../../src/infra/eventstore/copy/toPostgres.js';
import { anEvent, readEverything } from '../contract/log.js';
import { doubleLog } from '../eventstoredb/eventStoreDbLog.js';
import { openPostgresStore } from '../postgres/postgresLog.js';
import { freshDatabase, type FreshDatabase } from '../../../support/database.js';
import type {
  EventStoreDouble,
  EventStoreDoubleOptions,
} from '../../../support/eventstoredb/double.js';

/** A log of a test's own that can be either end of a copy. */
export interface TestSide {
  readonly store: EventStore;
  readonly source: CopySide<EventStore>;
  readonly target: CopySide<CopyTarget>;
  remove(): Promise<void>;
}

/** With the database that it is in, which keeps everything else as well. */
export interface PostgresSide extends TestSide {
  readonly fresh: FreshDatabase;
}

export const postgresSide = async (): Promise<PostgresSide> => {
  const fresh = await freshDatabase();
  const opened = openPostgresStore(fresh.connectionString);
  const { store } = opened;
  const keeper = fresh.database;
  return {
    ...{ fresh, store },
    source: { log: store, keeper },
    target: { log: toPostgres(store, keeper), keeper },
    remove: async () => {
      await opened.close();
      await fresh.drop();
    },
  };
};

/** In EventStoreDB, on a double of its own. */
export interface EventStoreDbSide extends TestSide {
  readonly store: EventStoreDbEventStore;
  readonly double: EventStoreDouble;
}

export const eventStoreDbSide = async (
  options: EventStoreDoubleOptions = {},
): Promise<EventStoreDbSide> => {
  const log = await doubleLog(options);
  const opened = log.open();
  const { store } = opened;
  return {
    ...{ double: log.double, store },
    source: { log: store },
    target: { log: byAppending(store) },
    remove: async () => {
      await opened.close();
      await log.remove();
    },
  };
};

/** What a copy keeps of every event: all but its position. */
export const contentsOf = async (store: EventStore): Promise<readonly object[]> =>
  (await readEverything(store, { maxCount: 5_000 })).map((event) => ({
    ...event,
    position: undefined,
  }));

/** Events of many streams, one after the other and in runs, whose data are not easy to carry. */
export const writeHistory = async (store: EventStore, amount: number): Promise<void> => {
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
