import type { EventPlace, EventStore, ReadAllOptions } from '../../commands/ports/eventStore.js';
import { placeBefore, placesAfter } from './eventPlaces.js';

const PAGE = 1_000;
/** So many events lie between two places of a log that are kept for the next question, … */
const APART = 5_000;
/** … and so many places are kept of one log. */
const PLACES = 20_000;

/** The log, as far as it is needed here. */
type Log = Pick<EventStore, 'gaplessPositions' | 'headPosition' | 'readAll'>;

/** An event's place in the log and its time. */
type Place = Pick<EventPlace, 'position' | 'recordedAt'>;

/**
 * The position of the last event recorded at or before a time; 0 where there is none. Times never go back in the
 * log. Where positions count the events that takes a few reads of one event each, however long the log is. Where
 * only positions that the log gave can be given to it, there is no halving between them: the log is read up to
 * that time, but for what was read for an earlier question.
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
  return eventStore.gaplessPositions
    ? halving(eventStore, time, limits)
    : reading(eventStore, time, limits);
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

/** Places that a question came by, in their order; a log's past does not change. */
const places = new WeakMap<Log, Place[]>();

const reading = async (log: Log, time: Date, limits: Limits): Promise<bigint> => {
  const known = places.get(log) ?? [];
  places.set(log, known);
  const from = known.findLast(({ recordedAt }) => recordedAt <= time);
  let last = from?.position ?? 0n;
  let read = 0;
  for (let after = last, end = false; !end;) {
    const page = await placesAfter(log, after, { maxCount: PAGE, ...limits });
    for (const event of page.places) {
      if (event.recordedAt > time) return last;
      last = event.position;
      read += 1;
      if (read % APART === 0) remember(known, event);
    }
    after = page.position;
    end = page.end;
  }
  return last;
};

/** Two questions at once may come by one place, or by the later one first. */
const remember = (known: Place[], { position, recordedAt }: Place): void => {
  const before = known.at(-1);
  if (known.length < PLACES && (before === undefined || before.position < position)) {
    known.push({ position, recordedAt });
  }
};
