import type { Logger } from 'pino';
import type { EventStore } from '../../../commands/ports/eventStore.js';
import type { TakesCopies } from '../copy/byAppending.js';
import { createAppends } from './appends.js';
import { connect } from './connection.js';
import { createIdentity } from './identity.js';
import { createLogReads } from './logReads.js';
import { createStreamReads } from './streamReads.js';
import { subscribe } from './subscription.js';

/** The event log in EventStoreDB. */
export interface EventStoreDbEventStore extends EventStore, TakesCopies {
  close(): Promise<void>;
}

/**
 * The event log in EventStoreDB 22.6 or later. Every call asks the leader, so that what was appended is seen by
 * the next read. A position is the commit position of an event, in bytes from the log's beginning.
 * @throws when the connection string cannot be used
 */
export const createEventStoreDbEventStore = (options: {
  /** `esdb://…` or `esdb+discover://…`. */
  readonly connectionString: string;
  /** What the names of all streams begin with, where several services share a server; may be empty. */
  readonly streamPrefix: string;
  readonly logger: Logger;
}): EventStoreDbEventStore => {
  const { connectionString, streamPrefix, logger } = options;
  const connection = connect(connectionString, logger);
  const readStream = createStreamReads(connection, streamPrefix);
  const appends = createAppends(connection, streamPrefix, readStream);
  const logReads = createLogReads(connection, streamPrefix);
  const identify = createIdentity(connection, streamPrefix);
  /** The log is known to go as far as this: the search for its end need not look behind it. */
  let head = 0n;

  const seen = (position: bigint): void => {
    if (position > head) head = position;
  };

  return {
    gaplessPositions: false,
    identify: (read) => identify(read?.signal),
    append: async (stream, events, append) => {
      const result = await appends.append(stream, events, append);
      seen(result.position);
      return result;
    },
    appendCopies: (stream, events, append) => {
      const times = new Map(events.map(({ id, recordedAt }) => [id, recordedAt]));
      return appends.append(stream, events, {
        ...append,
        recordedAt: ({ id }) => times.get(id) ?? new Date(),
      });
    },
    readStream,
    readAll: logReads.readAll,
    subscribeToAll: (subscription) =>
      subscribe({ connection, logReads, streamPrefix, logger }, subscription),
    headPosition: async (read) => {
      seen(await logReads.headAfter(head, read?.signal));
      return head;
    },
    close: () => connection.close(),
  };
};
