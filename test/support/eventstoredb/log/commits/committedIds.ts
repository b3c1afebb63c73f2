import type { EventRecord } from '../eventRecord.js';

/** `ESConsts.CommitedEventsMemCacheLimit`. */
const limitBytes = 8 * 1024 * 1024;

/** What the server reckons for an entry: `IndexWriter._committedEvents`. */
const bytesOf = ({ stream }: EventRecord): number => 16 + 4 + 8 + 2 * stream.length;

/**
 * The events written last, by id. The server remembers only so many: an append that expects any
 * revision is known again while its ids are here, and written twice when they are not.
 */
export interface CommittedIds {
  find(id: string): EventRecord | undefined;
  add(record: EventRecord): void;
}

export const createCommittedIds = (): CommittedIds => {
  const records = new Map<string, EventRecord>();
  // In the order they came. To find the oldest in the map takes ever longer: it begins its search
  // among those that are no longer there.
  let queue: EventRecord[] = [];
  let oldest = 0;
  let bytes = 0;

  const forgetOldest = (): void => {
    const record = queue[oldest++];
    if (record === undefined) return;
    bytes -= bytesOf(record);
    records.delete(record.id);
    if (oldest < queue.length / 2) return;
    queue = queue.slice(oldest);
    oldest = 0;
  };

  return {
    find: (id) => records.get(id),
    add: (record) => {
      // An id that comes again stays with its first record: `BoundedCache.PutRecord`.
      if (!records.has(record.id)) records.set(record.id, record);
      queue.push(record);
      bytes += bytesOf(record);
      while (bytes > limitBytes) forgetOldest();
    },
  };
};
