import type { Logger } from 'pino';
import type { EventStore } from '../../commands/ports/eventStore.js';

/** Tells of every append, with the ids of its events, where the log takes such detail; else it is the store itself. */
export const withLoggedAppends = (store: EventStore, logger: Logger): EventStore => {
  if (!logger.isLevelEnabled('debug')) return store;
  return {
    ...store,
    append: async (stream, events, options) => {
      const result = await store.append(stream, events, options);
      logger.debug(
        {
          ...{ stream, revision: result.revision.toString(), position: result.position.toString() },
          correlationId: events[0]?.metadata.correlationId,
          eventIds: events.map(({ id }) => id),
          eventTypes: events.map(({ type }) => type),
        },
        'appended',
      );
      return result;
    },
  };
};
