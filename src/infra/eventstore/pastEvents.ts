import type { RecordedEvent } from '../../commands/ports/eventStore.js';
import type { PastEvents, PastOfStreams } from '../../queries/ports/pastEvents.js';

const leaving = (
  events: readonly RecordedEvent[],
  { without }: PastOfStreams,
): readonly RecordedEvent[] => (without ? events.filter(({ id }) => !without.has(id)) : events);

/** The past as the domain knows it, of a reader that gives it as it is stored. */
export const opening = (
  past: PastEvents,
  open: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>,
): PastEvents => ({
  of: async function* (wanted) {
    for await (const events of past.of(wanted)) yield await open(leaving(events, wanted));
  },
});
