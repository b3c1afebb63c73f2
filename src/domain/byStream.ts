/** The events of each stream, of which there is at least one, in the order they are given. */
export const byStream = <Event extends { readonly stream: string }>(
  events: Iterable<Event>,
): ReadonlyMap<string, readonly [Event, ...Event[]]> => {
  const streams = new Map<string, [Event, ...Event[]]>();
  for (const event of events) {
    const stream = streams.get(event.stream);
    if (stream) stream.push(event);
    else streams.set(event.stream, [event]);
  }
  return streams;
};
