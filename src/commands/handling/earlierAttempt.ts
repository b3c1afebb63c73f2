import type { CommandCall } from './call.js';
import type { EventStore, RecordedEvent } from '../ports/eventStore.js';

const PAGE = 500;

/**
 * What an earlier attempt of the same command appended to a stream, oldest first; empty when nothing. Its
 * events have the ids that the idempotency key and the command fix.
 */
export const earlierAttempt = async (
  eventStore: Pick<EventStore, 'readStream'>,
  stream: string,
  call: Pick<CommandCall, 'eventId' | 'signal'>,
): Promise<readonly RecordedEvent[]> => {
  const later: RecordedEvent[] = [];
  let from: bigint | undefined;
  for (;;) {
    const slice = await eventStore.readStream(stream, {
      direction: 'backwards',
      maxCount: PAGE,
      ...(from === undefined ? {} : { from }),
      ...(call.signal ? { signal: call.signal } : {}),
    });
    for (const event of slice.events) {
      later.push(event);
      if (event.id === call.eventId(stream, 0)) return ownOf(later.reverse(), stream, call);
    }
    const oldest = slice.events.at(-1);
    if (!slice.hasMore || !oldest) return [];
    from = oldest.revision - 1n;
  }
};

/** An append is atomic and contiguous: the own events follow the first without a gap. */
const ownOf = (
  fromFirst: readonly RecordedEvent[],
  stream: string,
  { eventId }: Pick<CommandCall, 'eventId'>,
): readonly RecordedEvent[] => {
  const end = fromFirst.findIndex((event, index) => event.id !== eventId(stream, index));
  return end < 0 ? fromFirst : fromFirst.slice(0, end);
};
