import type {
  LogPage,
  ReadAllOptions,
  RecordedEvent,
} from '../../../../commands/ports/eventStore.js';
import type { EventStoreDbLog } from '../eventStoreDbLog.js';
import type { Followed } from './following.js';
import { parsed } from '../client/unparsedEvents.js';
import { asEventStoreError } from '../client/storeErrors.js';

/** Reads a server's log from end to end, page by page, as tools do that cannot trust a mirror, or have none. */
export interface ReadsInOrder {
  /** Forwards alone. The next page is cheap where it begins where this one ended. @throws {EventStoreError} */
  readAll(options?: Pick<ReadAllOptions, 'after' | 'maxCount' | 'signal'>): Promise<LogPage>;
  close(): Promise<void>;
}

/** A subscription, and what it gave that was not in a page yet. */
interface Cursor {
  readonly given: AsyncGenerator<Followed, void>;
  readonly stop: AbortController;
  waiting: readonly RecordedEvent[];
  live: boolean;
}

const DEFAULT_COUNT = 1_000;

export const readInOrder = (log: Pick<EventStoreDbLog, 'follow'>): ReadsInOrder => {
  /** By where they are. */
  const cursors = new Map<bigint, Cursor>();

  const open = (after: bigint): Cursor => {
    const stop = new AbortController();
    const given = log.follow({
      // What Reellog writes has one place, not two.
      ...(after === 0n ? {} : { after: { commit: after, prepare: after } }),
      ...{ batchSize: DEFAULT_COUNT, signal: stop.signal },
    });
    return { given, stop, waiting: [], live: false };
  };
  const end = async ({ stop, given }: Cursor): Promise<void> => {
    stop.abort();
    await given.return().catch(() => undefined);
  };

  const pageOf = async (cursor: Cursor, after: bigint, maxCount: number): Promise<LogPage> => {
    const events: RecordedEvent[] = [];
    for (;;) {
      const taken = cursor.waiting.slice(0, maxCount - events.length);
      cursor.waiting = cursor.waiting.slice(taken.length);
      events.push(...taken);
      const isEnd = cursor.live && cursor.waiting.length === 0;
      if (events.length === maxCount || isEnd) {
        return { events, position: events.at(-1)?.position ?? after, end: isEnd };
      }
      const { value, done } = await cursor.given.next();
      if (done) return { events, position: events.at(-1)?.position ?? after, end: true };
      cursor.waiting = value.events.flatMap((event) => parsed(event) ?? []);
      cursor.live = value.live;
    }
  };

  return {
    readAll: async ({ after = 0n, maxCount = DEFAULT_COUNT, signal } = {}) => {
      signal?.throwIfAborted();
      const cursor = cursors.get(after) ?? open(after);
      cursors.delete(after);
      const abort = () => {
        cursor.stop.abort();
      };
      signal?.addEventListener('abort', abort, { once: true });
      try {
        const page = await pageOf(cursor, after, maxCount);
        signal?.throwIfAborted();
        // At the end there may be more by the next time: it is looked for anew.
        if (page.end) await end(cursor);
        else cursors.set(page.position, cursor);
        return page;
      } catch (error) {
        await end(cursor);
        throw asEventStoreError(error);
      } finally {
        signal?.removeEventListener('abort', abort);
      }
    },
    close: async () => {
      for (const cursor of cursors.values()) await end(cursor);
      cursors.clear();
    },
  };
};
