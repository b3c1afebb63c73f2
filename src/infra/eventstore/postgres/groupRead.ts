import type { RecordedEvent, StreamSlice } from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { EVENT_COLUMNS, toRecordedEvent, type EventRow } from './eventRows.js';
import { asEventStoreError } from './storeErrors.js';

interface PendingRead {
  readonly stream: string;
  readonly from: bigint;
  readonly maxCount: number;
  readonly resolve: (slice: StreamSlice) => void;
  readonly reject: (error: unknown) => void;
}

/** The number of the request, the stream's last revision, then the event, or nulls where there is none. */
type ReadRow = readonly [nth: bigint, last: bigint | null, ...event: EventRow];

const GROUP_READS = 500;
/** Reads under way at once: enough to keep the server busy while rows are parsed here. */
const FLIGHTS = 2;

/**
 * Reads of streams that arrive while others are in flight go out together: many commands loading their
 * streams at once cost few round trips.
 */
export class GroupRead {
  readonly #database: Database;
  #queue: PendingRead[] = [];
  #flights = 0;

  constructor(database: Database) {
    this.#database = database;
  }

  read(stream: string, from: bigint, maxCount: number): Promise<StreamSlice> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ stream, from, maxCount, resolve, reject });
      if (this.#flights < FLIGHTS) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#flights += 1;
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, GROUP_READS);
      await this.#read(group);
    }
    this.#flights -= 1;
  }

  async #read(group: readonly PendingRead[]): Promise<void> {
    try {
      const rows = await this.#database.query<ReadRow>({
        name: 'log.read_streams',
        // Both by events_stream_revision.
        text: `
          select r.nth, newest.revision, ${EVENT_COLUMNS}
          from unnest($1::text[], $2::bigint[], $3::int[]) with ordinality as r (stream, start, most, nth)
          left join lateral (
            select n.revision from log.events n
            where n.stream = r.stream collate "C" order by n.revision desc limit 1
          ) newest on true
          left join lateral (
            select * from log.events e
            where e.stream = r.stream collate "C" and e.revision >= r.start
            order by e.revision limit r.most
          ) e on newest.revision >= r.start`,
        values: [
          group.map((read) => read.stream),
          group.map((read) => read.from.toString()),
          group.map((read) => read.maxCount),
        ],
        rowMode: 'array',
      });
      const slices = group.map((): { events: RecordedEvent[]; last: bigint | null } => ({
        events: [],
        last: null,
      }));
      for (const [nth, last, ...event] of rows) {
        const slice = slices[Number(nth) - 1];
        if (!slice) continue;
        slice.last = last;
        if (event[0] !== (null as unknown)) slice.events.push(toRecordedEvent(event));
      }
      group.forEach((read, index) => {
        read.resolve(toSlice(slices[index]?.events ?? [], slices[index]?.last ?? null));
      });
    } catch (error) {
      const typed = asEventStoreError(error);
      for (const read of group) read.reject(typed);
    }
  }
}

const toSlice = (events: readonly RecordedEvent[], last: bigint | null): StreamSlice => {
  const newest = events.at(-1)?.revision;
  return {
    events,
    ...(last === null ? {} : { lastRevision: last }),
    hasMore: last !== null && newest !== undefined && newest < last,
  };
};
