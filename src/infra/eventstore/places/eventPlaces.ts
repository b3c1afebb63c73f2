import type { EventPlace, EventStore, ReadAllOptions } from '../../../commands/ports/eventStore.js';

/** Where the events of a page stand, in the order of the log. */
export interface PlacesPage {
  readonly places: readonly EventPlace[];
  readonly position: bigint;
  readonly end: boolean;
}

/**
 * Reads forwards where events stand and when they were recorded, also of those that nobody can read.
 * @throws {EventStoreError}
 */
export const placesAfter = async (
  log: Pick<EventStore, 'readAll'>,
  after: bigint,
  options: Pick<ReadAllOptions, 'maxCount' | 'signal'>,
): Promise<PlacesPage> => {
  const unreadable: EventPlace[] = [];
  const onUnreadable = (place: EventPlace) => {
    unreadable.push(place);
  };
  const { events, position, end } = await log.readAll({ ...options, after, onUnreadable });
  const places = [...events, ...unreadable];
  if (unreadable.length > 0) places.sort((a, b) => (a.position < b.position ? -1 : 1));
  return { places, position, end };
};

/**
 * The last event before a position, or of all, be it readable or not.
 * @throws {EventStoreError}
 */
export const placeBefore = async (
  log: Pick<EventStore, 'readAll'>,
  before: bigint | undefined,
  options: Pick<ReadAllOptions, 'signal'>,
): Promise<EventPlace | undefined> => {
  let found: EventPlace | undefined;
  const { events } = await log.readAll({
    ...{ ...options, direction: 'backwards', maxCount: 1 },
    ...(before === undefined ? {} : { after: before }),
    onUnreadable: (place) => {
      found = place;
    },
  });
  return found ?? events[0];
};
