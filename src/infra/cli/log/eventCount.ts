/** `1 event`, `2 events`, for a terminal. */
export const eventCount = (count: number): string => (count === 1 ? '1 event' : `${count} events`);
