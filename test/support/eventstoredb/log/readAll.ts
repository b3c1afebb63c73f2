import type { EventFilter } from './eventFilter.js';
import type { EventRecord } from './eventRecord.js';

/** A place in the log. An event's own has both alike; between two events, `prepare` is 0. */
export interface LogPosition {
  readonly commit: number;
  readonly prepare: number;
}

export const startOfLog: LogPosition = { commit: 0, prepare: 0 };
/** Before everything: what the server calls the head of the transaction file. */
export const beforeLog: LogPosition = { commit: -1, prepare: -1 };
export const endOfLog: LogPosition = { commit: Infinity, prepare: Infinity };

export const comparePositions = (a: LogPosition, b: LogPosition): number =>
  a.commit === b.commit ? a.prepare - b.prepare : a.commit - b.commit;

export const positionOf = ({ position }: EventRecord): LogPosition => ({
  commit: position,
  prepare: position,
});

export interface AllPage {
  readonly events: readonly EventRecord[];
  /** Where the page began. */
  readonly current: LogPosition;
  /** Where the next one begins. */
  readonly next: LogPosition;
  /** How many events were looked at, whether or not the filter lets them through. */
  readonly considered: number;
  readonly isEnd: boolean;
}

/** How much is read at once. */
export interface PageSize {
  /** The most events of a page. */
  readonly count: number;
  /** The most events that are looked at for it. */
  readonly window: number;
}

/** The index of the first record at this position or after it. */
export const indexFrom = (records: readonly EventRecord[], from: LogPosition): number => {
  let [low, high] = [0, records.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    const position = records[middle]?.position ?? Infinity;
    const isBefore =
      position < from.commit || (position === from.commit && position < from.prepare);
    if (isBefore) low = middle + 1;
    else high = middle;
  }
  return low;
};

/**
 * Whether a record can begin here. The server reads a record's length at the position it is given,
 * and fails in the middle of one: `ReadAllResult.InvalidPosition`.
 */
export const isRecordBoundary = (
  records: readonly EventRecord[],
  { commit }: LogPosition,
): boolean => {
  const at = indexFrom(records, { commit, prepare: 0 });
  const [before, after] = [records[at - 1], records[at]];
  return commit <= 0 || after === undefined || after.position === commit || before?.end === commit;
};

/** `AllReader.FilteredReadAllEventsForward`: the event at the position itself is among them. */
export const readAllForwards = (
  records: readonly EventRecord[],
  from: LogPosition,
  size: PageSize,
  filter: EventFilter,
): AllPage => {
  const events: EventRecord[] = [];
  let considered = 0;
  let next = from;
  for (let at = indexFrom(records, from); events.length < size.count; at++) {
    if (considered >= size.window) break;
    const record = records[at];
    if (record === undefined) return { events, current: from, next, considered, isEnd: true };
    considered++;
    next = { commit: record.end, prepare: 0 };
    if (filter(record)) events.push(record);
  }
  return { events, current: from, next, considered, isEnd: false };
};

/** `AllReader.FilteredReadAllEventsBackward`: only what is before the position. */
export const readAllBackwards = (
  records: readonly EventRecord[],
  from: LogPosition,
  size: PageSize,
  filter: EventFilter,
): AllPage => {
  const events: EventRecord[] = [];
  let considered = 0;
  let next = from;
  for (let at = indexFrom(records, from) - 1; events.length < size.count; at--) {
    if (considered >= size.window) break;
    const record = records[at];
    if (record === undefined) return { events, current: from, next, considered, isEnd: true };
    considered++;
    next = positionOf(record);
    if (filter(record)) events.push(record);
  }
  return { events, current: from, next, considered, isEnd: false };
};
