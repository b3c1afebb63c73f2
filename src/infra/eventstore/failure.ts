import { EventStoreError, type EventStoreFailure } from '../../commands/ports/eventStore.js';

/** A typed failure as an error. */
export const failure = (
  what: EventStoreFailure,
  message: string,
  options?: ErrorOptions,
): EventStoreError => new EventStoreError(what, message, options);
