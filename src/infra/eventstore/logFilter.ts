import type { LogFilter, RecordedEvent } from '../../commands/ports/eventStore.js';

/** Whether a filter lets an event through. */
export const wants = (filter: LogFilter | undefined, { type, stream }: RecordedEvent): boolean =>
  (filter?.types?.includes(type) ?? true) &&
  (filter?.streamPrefixes?.some((prefix) => stream.startsWith(prefix)) ?? true);
