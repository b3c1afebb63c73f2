import { BACKWARDS, END, FORWARDS, type Position, type ResolvedEvent } from '@eventstore/db-client';
import type { Connection } from '../client/connection.js';
import { takeEach } from './reading.js';
import { withSecondTry } from './secondTry.js';
import { asEventStoreError } from '../client/storeErrors.js';

/** Single places of the server's log. */
export interface Places {
  /** Where the last event of all stands, whosever it is. */
  last(signal?: AbortSignal): Promise<Position | undefined>;
  /** The id of the event at a place; `undefined` where there is none. */
  idAt(place: Position, signal?: AbortSignal): Promise<string | undefined>;
}

/** https://grpc.io/docs/guides/status-codes/: how the server refuses a position that is none of its log. */
const INVALID = new Set<unknown>([2, 3, 11]);

export const createPlaces = (connection: Connection): Places => {
  const one = async (
    from:
      | { direction: typeof BACKWARDS; fromPosition: typeof END }
      | { direction: typeof FORWARDS; fromPosition: Position },
    signal: AbortSignal | undefined,
  ): Promise<ResolvedEvent['event']> => {
    let found: ResolvedEvent['event'];
    await connection.call(
      (client, limits) =>
        takeEach(
          client.readAll({ ...from, maxCount: 1, requiresLeader: true }),
          limits,
          ({ event }) => {
            found = event;
            return 'more';
          },
        ),
      signal,
    );
    return found;
  };

  const last: Places['last'] = async (signal) => {
    try {
      return (await one({ direction: BACKWARDS, fromPosition: END }, signal))?.position;
    } catch (error) {
      throw asEventStoreError(error);
    }
  };

  const idAt: Places['idAt'] = async (place, signal) => {
    try {
      const event = await one({ direction: FORWARDS, fromPosition: place }, signal);
      return event?.position?.commit === place.commit ? event.id : undefined;
    } catch (error) {
      const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
      if (INVALID.has(code)) return undefined;
      throw asEventStoreError(error);
    }
  };

  return {
    last: (signal) => withSecondTry(() => last(signal)),
    idAt: (place, signal) => withSecondTry(() => idAt(place, signal)),
  };
};
