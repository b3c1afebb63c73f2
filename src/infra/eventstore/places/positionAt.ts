import type { EventStore, ReadAllOptions } from '../../../commands/ports/eventStore.js';
import { placeBefore, placesAfter } from './eventPlaces.js';

/** The log, as far as it is needed here. */
type Log = Pick<EventStore, 'headPosition' | 'readAll'>;

/**
 * The position of the last event recorded at or before a time; 0 where there is none. Times never go back in the
 * log: that takes a few reads of one event each, however long it is.
 * @throws {EventStoreError}
 */
export const positionAt = async (
  eventStore: Log,
  time: Date,
  { signal }: Pick<ReadAllOptions, 'signal'> = {},
): Promise<bigint> => {
  const limits = signal ? { signal } : {};
  const newest = await placeBefore(eventStore, undefined, limits);
  // What is asked most is what is true now.
  if (newest && newest.recordedAt <= time) return newest.position;
  return halving(eventStore, time, limits);
};

type Limits = Pick<ReadAllOptions, 'signal'>;

const halving = async (log: Log, time: Date, limits: Limits): Promise<bigint> => {
  let low = 0n;
  let high = await log.headPosition(limits);
  // What is at `low` was recorded in time, what is behind `high` was not.
  while (low < high) {
    const middle = (low + high) / 2n;
    const { places: found } = await placesAfter(log, middle, { maxCount: 1, ...limits });
    const [event] = found;
    if (event && event.recordedAt <= time) low = event.position;
    else high = middle;
  }
  return low;
};
