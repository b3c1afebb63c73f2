import { accountEvents, type AccountEvent } from './account/events.js';
import { collectionEvents, type CollectionEvent } from './collection/events.js';
import { libraryEvents, type LibraryEvent } from './library/events.js';
import { movieEvents, type MovieEvent } from './movie/events.js';
import { viewingEvents, type ViewingEvent } from './viewing/events.js';

/** Every type of event that Reellog writes, by name: the one table of schemas, versions and upcasters. */
export const eventTypes = {
  ...libraryEvents,
  ...movieEvents,
  ...collectionEvents,
  ...viewingEvents,
  ...accountEvents,
} as const;

export type EventTypeName = keyof typeof eventTypes;

/** Any event of the domain: `{ type, data }`. */
export type DomainEvent = LibraryEvent | MovieEvent | CollectionEvent | ViewingEvent | AccountEvent;
