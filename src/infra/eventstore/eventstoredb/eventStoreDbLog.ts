import type { Logger } from 'pino';
import type { EventStore } from '../../../commands/ports/eventStore.js';
import type { AppendsCopies } from '../copy/byAppending.js';
import { createAppends } from './appends.js';
import { cutStreams, type CutStream } from './cutStreams.js';
import { connect } from './client/connection.js';
import { follow, type Followed, type FollowOptions } from './reads/following.js';
import { createIdentity } from './identity.js';
import { createPlaces, type Places } from './reads/places.js';
import { createStreamReads } from './reads/streamReads.js';

/** A log on an EventStoreDB server: appends, reads of one stream, a subscription. Whoever reads more reads its mirror. */
export interface EventStoreDbLog
  extends Pick<EventStore, 'append' | 'readStream' | 'identify'>, AppendsCopies {
  /** Follows the log until the signal aborts or the server drops it, which it throws. */
  follow(options: FollowOptions): AsyncGenerator<Followed, void>;
  readonly places: Places;
  /** The identity as the server has it now, which may be another one than was asked for at first, or none. */
  identityNow(signal?: AbortSignal): Promise<string | undefined>;
  /** The streams of which an operator has taken something away. */
  cutStreams(signal: AbortSignal): Promise<readonly CutStream[]>;
  close(): Promise<void>;
}

/**
 * The event log in EventStoreDB 22.6 or later. Every call asks the leader, so that what was appended is seen by
 * the next read. A position is the commit position of an event, in bytes from the log's beginning.
 * @throws when the connection string cannot be used
 */
export const openEventStoreDb = (options: {
  /** `esdb://…` or `esdb+discover://…`. */
  readonly connectionString: string;
  /** What the names of all streams begin with, where several services share a server; may be empty. */
  readonly streamPrefix: string;
  readonly logger: Logger;
}): EventStoreDbLog => {
  const { connectionString, streamPrefix, logger } = options;
  const connection = connect(connectionString, logger);
  const readStream = createStreamReads(connection, streamPrefix);
  const appends = createAppends(connection, streamPrefix, readStream);
  const identity = createIdentity(connection, streamPrefix);
  const places = createPlaces(connection);
  return {
    identify: (read) => identity.identify(read?.signal),
    append: (stream, events, append) => appends.append(stream, events, append),
    appendCopies: (stream, events, append) => {
      const times = new Map(events.map(({ id, recordedAt }) => [id, recordedAt]));
      return appends.append(stream, events, {
        recordedAt: ({ id }) => times.get(id) ?? new Date(),
        ...append,
      });
    },
    readStream,
    follow: (follows) => follow({ connection, places, streamPrefix }, follows),
    places,
    identityNow: (signal) => identity.identityNow(signal),
    cutStreams: (signal) => cutStreams(connection, streamPrefix, signal),
    close: () => connection.close(),
  };
};
