import type { EventStore, ReadAllOptions } from '../../commands/ports/eventStore.js';

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
    (await log.readAll({ after, maxCount: 1, ...limits })).events[0];
  const previous = async (before: bigint) =>
    (await log.readAll({ direction: 'backwards', after: before, maxCount: 1, ...limits }))
      .events[0];
  if (position === 0n) return (await next(0n))?.recordedAt;
  if (log.gaplessPositions) return (await next(position - 1n))?.recordedAt;
  // From where it can be told whether there is an event at the position itself.
  const before = await previous(position);
  const at = await next(before?.position ?? 0n);
  return (at && (at.position <= position || !before) ? at : before)?.recordedAt;
};
