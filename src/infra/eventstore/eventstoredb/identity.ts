import { NO_STREAM } from '@eventstore/db-client';
import { randomUUID } from 'node:crypto';
import { isEventStoreFailure, stoppedWaiting } from '../../../commands/ports/eventStore.js';
import { failure } from '../failure.js';
import type { Connection } from './client/connection.js';
import { withSecondTry } from './reads/secondTry.js';
import { asEventStoreError } from './client/storeErrors.js';

/** A stream that never has an event: its metadata keep who the log is, in `$$reellog`. */
const STREAM = 'reellog';
const KEY = 'reellogLog';

/** Who a log is, kept in the log itself. */
export interface Identity {
  /** Made by whoever asks first; asked of the server once. */
  identify(signal?: AbortSignal): Promise<string>;
  /** As the server has it now; `undefined` where it has none. */
  identityNow(signal?: AbortSignal): Promise<string | undefined>;
}

export const createIdentity = (connection: Connection, streamPrefix: string): Identity => {
  const stream = `${streamPrefix}${STREAM}`;
  let known: string | undefined;

  const stored = async (signal: AbortSignal | undefined): Promise<string | undefined> => {
    const { metadata } = await connection.call(
      (client) => client.getStreamMetadata(stream, { requiresLeader: true }),
      signal,
    );
    const id: unknown = metadata?.[KEY];
    return typeof id === 'string' ? id : undefined;
  };

  const make = async (signal: AbortSignal | undefined): Promise<void> => {
    try {
      await connection.call(
        (client) =>
          client.setStreamMetadata(
            stream,
            { [KEY]: randomUUID() },
            { expectedRevision: NO_STREAM, requiresLeader: true },
          ),
        signal,
      );
    } catch (error) {
      const typed = asEventStoreError(error, { stream });
      // Somebody else was faster.
      if (!isEventStoreFailure(typed, 'wrong-expected-revision')) throw typed;
    }
  };

  const identify = async (signal: AbortSignal | undefined): Promise<string> => {
    if (signal?.aborted) throw stoppedWaiting(signal);
    try {
      known ??= await stored(signal);
      if (known === undefined) {
        await make(signal);
        known = await stored(signal);
      }
    } catch (error) {
      throw asEventStoreError(error, { stream });
    }
    if (known === undefined) {
      throw failure({ kind: 'unavailable' }, 'the log does not keep who it is');
    }
    return named(known);
  };

  const identityNow = async (signal: AbortSignal | undefined): Promise<string | undefined> => {
    try {
      const id = await stored(signal);
      return id === undefined ? undefined : named(id);
    } catch (error) {
      throw asEventStoreError(error, { stream });
    }
  };

  return {
    identify: (signal) => withSecondTry(() => identify(signal)),
    identityNow: (signal) => withSecondTry(() => identityNow(signal)),
  };
};

const named = (id: string): string => `eventstoredb:${id}`;
