import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import type {
  EventStore,
  ReadStreamOptions,
  RecordedEvent,
  StreamSlice,
} from '../../../../commands/ports/eventStore.js';
import type { Connection } from '../client/connection.js';
import { takeEach } from './reading.js';
import { recorded } from '../client/recordedEvents.js';
import { withSecondTry } from './secondTry.js';
import { asEventStoreError, isStreamNotFound } from '../client/storeErrors.js';

const DEFAULT_COUNT = 1_000;

/** Reads of streams; a read that may not miss what was just appended asks the leader. */
export const createStreamReads = (
  connection: Connection,
  streamPrefix: string,
): EventStore['readStream'] => {
  type Read = ReadStreamOptions & { readonly maxCount: number };

  const readEvents = async (stream: string, read: Read): Promise<readonly RecordedEvent[]> => {
    const backwards = read.direction === 'backwards';
    const events: RecordedEvent[] = [];
    try {
      await connection.call((client, limits) => {
        const reading = client.readStream(`${streamPrefix}${stream}`, {
          direction: backwards ? BACKWARDS : FORWARDS,
          fromRevision: read.from ?? (backwards ? END : START),
          maxCount: read.maxCount,
          requiresLeader: true,
        });
        return takeEach(reading, limits, (resolved) => {
          const event = recorded(resolved, streamPrefix);
          if (event) events.push(event);
          return 'more';
        });
      }, read.signal);
    } catch (error) {
      if (!isStreamNotFound(error)) throw error;
    }
    return events;
  };

  const lastRevision = async (
    stream: string,
    signal: AbortSignal | undefined,
  ): Promise<bigint | undefined> => {
    const [last] = await readEvents(stream, {
      ...{ direction: 'backwards', maxCount: 1 },
      ...(signal ? { signal } : {}),
    });
    return last?.revision;
  };

  const forwards = async (stream: string, read: Read): Promise<StreamSlice> => {
    // One more than asked for tells whether there are more.
    const events = await readEvents(stream, { ...read, maxCount: read.maxCount + 1 });
    const hasMore = events.length > read.maxCount;
    const newest = hasMore ? undefined : events.at(-1)?.revision;
    const isWhole = newest !== undefined || (read.from ?? 0n) === 0n;
    const last = isWhole && !hasMore ? newest : await lastRevision(stream, read.signal);
    return {
      events: hasMore ? events.slice(0, read.maxCount) : events,
      ...(last === undefined ? {} : { lastRevision: last }),
      hasMore,
    };
  };

  const backwards = async (stream: string, read: Read): Promise<StreamSlice> => {
    let { from } = read;
    let last: bigint | undefined;
    if (from !== undefined) {
      last = await lastRevision(stream, read.signal);
      if (last === undefined) return { events: [], hasMore: false };
      // From behind the end a server reads backwards what would be there.
      if (from > last) from = last;
    }
    const events = await readEvents(stream, { ...read, ...(from === undefined ? {} : { from }) });
    last ??= events[0]?.revision;
    return {
      events,
      ...(last === undefined ? {} : { lastRevision: last }),
      hasMore: events.length === read.maxCount && (events.at(-1)?.revision ?? 0n) > 0n,
    };
  };

  const slice = async (stream: string, read: Read): Promise<StreamSlice> => {
    try {
      return await (read.direction === 'backwards' ? backwards : forwards)(stream, read);
    } catch (error) {
      throw asEventStoreError(error, { stream });
    }
  };

  return (stream, options = {}) =>
    withSecondTry(() => slice(stream, { ...options, maxCount: options.maxCount ?? DEFAULT_COUNT }));
};
