import type { EventStore, ReadAllOptions } from '../../../commands/ports/eventStore.js';
import { placeBefore, placesAfter } from './eventPlaces.js';

type Log = Pick<EventStore, 'readAll'>;

/**
 * When the last event up to a position was recorded, or else the first of all; `undefined` in an empty log.
 * @throws {EventStoreError}
 */
export const timeAt = async (
  log: Log,
  position: bigint,
  limits: Pick<ReadAllOptions, 'signal'> = {},
): Promise<Date | undefined> => {
  const before = position === 0n ? undefined : await placeBefore(log, position + 1n, limits);
  if (before) return before.recordedAt;
  return (await placesAfter(log, 0n, { maxCount: 1, ...limits })).places[0]?.recordedAt;
};
