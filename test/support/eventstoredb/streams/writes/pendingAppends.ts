import type shared from '@eventstore/db-client/generated/shared_pb.js';
import type streams from '@eventstore/db-client/generated/streams_pb.js';

import type { ProposedEvent } from '../../log/eventRecord.js';
import { missingProperties, proposedEvent, sizeOnDisk } from './proposedEvents.js';
import { ServerException } from '../rpcErrors.js';

/** An append whose last batch has not come yet. */
export interface PendingAppend {
  readonly stream: string;
  readonly identifier: shared.StreamIdentifier;
  readonly expectedVersion: number;
  readonly events: ProposedEvent[];
  /** Bytes, as the server counts them. */
  size: number;
}

/** The appends of a call that have begun and have not ended, by their correlation ids. */
export interface PendingAppends {
  find(correlationId: string): PendingAppend | undefined;
  /** Begins an append, which is given up after so many milliseconds. */
  begin(
    correlationId: string,
    append: Omit<PendingAppend, 'events' | 'size'>,
    milliseconds: number,
    givenUp: () => void,
  ): void;
  /** Ends an append, whatever is to become of it. */
  take(correlationId: string): PendingAppend | undefined;
  /** Ends all of them. */
  clear(): void;
}

export const createPendingAppends = (): PendingAppends => {
  const appends = new Map<
    string,
    { readonly append: PendingAppend; readonly timer: NodeJS.Timeout }
  >();

  const take = (correlationId: string): PendingAppend | undefined => {
    const pending = appends.get(correlationId);
    clearTimeout(pending?.timer);
    appends.delete(correlationId);
    return pending?.append;
  };

  return {
    find: (correlationId) => appends.get(correlationId)?.append,
    begin: (correlationId, append, milliseconds, givenUp) => {
      const timer = setTimeout(() => {
        if (take(correlationId) !== undefined) givenUp();
      }, milliseconds);
      appends.set(correlationId, { append: { ...append, events: [], size: 0 }, timer });
    },
    take,
    clear: () => {
      for (const correlationId of appends.keys()) take(correlationId);
    },
  };
};

/** Adds a batch to its append: `ClientWriteRequest.AddEvents`. */
export const addBatch = (
  append: PendingAppend,
  messages: readonly streams.BatchAppendReq.ProposedMessage[],
): void => {
  for (const message of messages) {
    const [missing] = missingProperties(message);
    if (missing !== undefined) {
      throw new ServerException(`The given key '${missing}' was not present in the dictionary.`);
    }
    const event = proposedEvent(message);
    append.size += sizeOnDisk(event);
    append.events.push(event);
  }
};
