import type { EventStore, ReadAllOptions } from '../../commands/ports/eventStore.js';
import { placeBefore, placesAfter } from './eventPlaces.js';

type Log = Pick<EventStore, 'gaplessPositions' | 'readAll'>;

/**
 * When the last event up to a position was recorded, or else the first of all; `undefined` in an empty log.
 * @throws {EventStoreError}
 */
export const timeAt = async (
  log: Log,
  position: bigint,
  limits: Pick<ReadAllOptions, 'signal'> = {},
): Promise<Date | undefined> => {
  const next = async (after: bigint) =>
    (await placesAfter(log, after, { maxCount: 1, ...limits })).places[0];
  if (position === 0n) return (await next(0n))?.recordedAt;
  if (log.gaplessPositions) return (await next(position - 1n))?.recordedAt;
  // From where it can be told whether there is an event at the position itself.
  const before = await placeBefore(log, position, limits);
  const at = await next(before?.position ?? 0n);
  return (at && (at.position <= position || !before) ? at : before)?.recordedAt;
};
