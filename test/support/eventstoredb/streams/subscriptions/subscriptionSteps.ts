import { randomUUID } from 'node:crypto';

import {
  jsonEvent,
  type EventData,
  type EventStoreDBClient,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';

/** What the tests of subscriptions do. */
export const played = (type = 'played'): EventData => jsonEvent({ type, data: { seconds: 90 } });

export const many = (count: number, type?: string): EventData[] =>
  Array.from({ length: count }, () => played(type));

export const newStream = (): string => `films-${randomUUID()}`;

/** Appends, and answers with the position of the last event. */
export const append = async (
  client: EventStoreDBClient,
  stream: string,
  events: EventData[],
): Promise<Position> => {
  const { position } = await client.appendToStream(stream, events);
  if (position === undefined) throw new Error('The append has no position.');
  return position;
};

/** The next so many events of a subscription, which goes on. */
export const take = async (
  events: AsyncIterator<ResolvedEvent>,
  count: number,
): Promise<ResolvedEvent[]> => {
  const taken: ResolvedEvent[] = [];
  while (taken.length < count) {
    const next = await events.next();
    if (next.done === true) throw new Error('The subscription has ended.');
    taken.push(next.value);
  }
  return taken;
};

export const revisionsOf = (events: readonly ResolvedEvent[]): number[] =>
  events.map(({ event }) => Number(event?.revision));

/** The numbers from the first on, without the last. */
export const range = (from: number, to: number): number[] =>
  Array.from({ length: to - from }, (_, number) => from + number);
