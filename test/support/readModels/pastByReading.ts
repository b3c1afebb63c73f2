import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import type { PastEvents } from '../../../src/queries/ports/pastEvents.js';

/** The past of streams as anybody would find it: reads the whole log, and leaves out the rest. */
export const pastByReading = (log: Pick<EventStore, 'readAll'>): PastEvents => ({
  of: async function* ({ names = [], prefixes = [], types, upTo, without }) {
    for (let after = 0n, end = false; !end;) {
      const page = await log.readAll({ after });
      const wanted = page.events.filter(
        ({ id, stream, type, position }) =>
          position <= upTo &&
          types.includes(type) &&
          (names.includes(stream) || prefixes.some((prefix) => stream.startsWith(prefix))) &&
          !without?.has(id),
      );
      if (wanted.length > 0) yield wanted;
      after = page.position;
      ({ end } = page);
    }
  },
});
