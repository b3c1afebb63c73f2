import { v7 as uuidv7 } from 'uuid';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import { viewingStream } from '../../../src/domain/streams.js';
import { onDate, viewingOf } from './viewingEvents.js';

/**
 * Appends one watch each of as many films, by one person, in streams of their own: enough for a rebuild to take its
 * time.
 */
export const seedWatches = async (
  eventStore: EventStore,
  userId: string,
  films: number,
): Promise<void> => {
  await Promise.all(
    Array.from({ length: films }, (_, nth) => {
      const { type, data } = viewingOf('somebody', `Film ${nth}`).watched(
        onDate(`${2000 + (nth % 20)}-03-0${1 + (nth % 9)}`),
      );
      const event = {
        ...{ id: uuidv7(), type, data: { ...data, userId } },
        metadata: { correlationId: userId, causationId: userId, schemaVersion: 1 },
      };
      return eventStore.append(viewingStream(userId, data.titleId), [event], {
        expectedRevision: 'no-stream',
      });
    }),
  );
};
