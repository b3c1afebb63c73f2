import type { EventRecord } from './eventRecord.js';

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
  let bytes = 0;

  const forget = (record: EventRecord): void => {
    records.delete(record.id);
    bytes -= bytesOf(record);
  };

  return {
    find: (id) => records.get(id),
    add: (record) => {
      const before = records.get(record.id);
      if (before !== undefined) forget(before);
      records.set(record.id, record);
      bytes += bytesOf(record);
      if (bytes <= limitBytes) return;
      for (const oldest of records.values()) {
        forget(oldest);
        if (bytes <= limitBytes) return;
      }
    },
  };
};
