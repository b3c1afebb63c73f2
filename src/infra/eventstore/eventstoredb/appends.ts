import { ANY, NO_STREAM, STREAM_EXISTS, type EventData } from '@eventstore/db-client';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  isEventStoreFailure,
  type AppendResult,
  type EventStore,
  type EventToAppend,
  type ExpectedRevision,
} from '../../../commands/ports/eventStore.js';
import { requireBounded, requireSomething } from '../appendBounds.js';
import { failure } from '../failure.js';
import type { Connection } from './client/connection.js';
import { proposed, sizeOf } from './client/recordedEvents.js';
import { asEventStoreError, isNotLeader, isServerTimeout } from './client/storeErrors.js';

/** What goes in one message at most: a server takes no message above 4 MiB. The append stays one. */
const MESSAGE_BYTES = 1_048_576;
/** Looking for an earlier append of the same events, so many events of the stream are read at a time. */
const PAGE = 500;
/** Before the same is sent again: a server whose clock is ahead answers with a timeout at once. */
const PAUSE_MS = 20;

const asExpected = (expected: ExpectedRevision) => {
  switch (expected) {
    case 'any':
      return ANY;
    case 'no-stream':
      return NO_STREAM;
    case 'stream-exists':
      return STREAM_EXISTS;
    default:
      return expected;
  }
};

interface AppendOptions {
  readonly expectedRevision: ExpectedRevision;
  readonly signal?: AbortSignal;
}

/** Appends to streams of one log. */
export interface Appends {
  append(
    stream: string,
    events: readonly EventToAppend[],
    options: AppendOptions & {
      /** Gives each event the time that it has in another log. */
      readonly recordedAt?: (event: EventToAppend) => Date;
      /** Fails where it would be sent again, because others were sent behind it. */
      readonly once?: boolean;
    },
  ): Promise<AppendResult>;
}

export const createAppends = (
  connection: Connection,
  streamPrefix: string,
  readStream: EventStore['readStream'],
): Appends => {
  const send = async (
    stream: string,
    events: EventData[],
    { expectedRevision, signal }: AppendOptions,
  ): Promise<AppendResult> => {
    const result = await connection.call(
      (client, { deadline }) =>
        client.appendToStream(`${streamPrefix}${stream}`, events, {
          expectedRevision: asExpected(expectedRevision),
          batchAppendSize: MESSAGE_BYTES,
          requiresLeader: true,
          deadline,
        }),
      signal,
    );
    const revision = result.nextExpectedRevision;
    const position = result.position?.commit;
    if (position !== undefined && position > 0n) return { revision, position };
    // An append that had been made before may be answered without its place.
    const { events: there } = await readStream(stream, {
      ...{ from: revision, maxCount: 1 },
      ...(signal ? { signal } : {}),
    });
    return { revision, position: there[0]?.position ?? 0n };
  };

  /**
   * The same events again, until the server says what became of them: while the first append of them is not yet
   * replicated it answers none of the others, but with a timeout.
   */
  const sendUntilAnswered = async (
    ...[stream, events, options]: Parameters<typeof send>
  ): Promise<AppendResult> => {
    const over = Date.now() + connection.deadline;
    let redirected = false;
    for (;;) {
      try {
        return await send(stream, events, options);
      } catch (error) {
        if (isNotLeader(error) && !redirected) {
          // By now the client knows where the leader is; nothing was written.
          redirected = true;
        } else if (isServerTimeout(error) && Date.now() < over) await sleep(PAUSE_MS);
        else throw error;
      }
    }
  };

  /** The server compares an append with what stands where it expects to write, and nowhere else. */
  const earlier = async (
    stream: string,
    ids: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<AppendResult | undefined> => {
    const wanted = new Set(ids);
    let from: bigint | undefined;
    let last: AppendResult | undefined;
    for (;;) {
      const { events, hasMore } = await readStream(stream, {
        ...{ direction: 'backwards', maxCount: PAGE },
        ...(from === undefined ? {} : { from }),
        ...(signal ? { signal } : {}),
      });
      for (const { id, revision, position } of events) {
        if (!wanted.delete(id)) continue;
        last ??= { revision, position };
        if (wanted.size === 0) return last;
      }
      const oldest = events.at(-1);
      if (!hasMore || !oldest) break;
      from = oldest.revision - 1n;
    }
    if (last === undefined) return undefined;
    throw failure(
      { kind: 'event-id-taken', stream },
      `an event id is already used by another append to ${stream}`,
    );
  };

  return {
    append: async (stream, events, { recordedAt, once = false, ...options }) => {
      requireSomething(stream, events);
      requireBounded(
        events.reduce((sum, { data, metadata }) => sum + sizeOf(data) + sizeOf(metadata), 0),
      );
      const data = events.map((event) => proposed(event, recordedAt?.(event)));
      const attempted = { stream, expected: options.expectedRevision };
      try {
        return await (once ? send : sendUntilAnswered)(stream, data, options);
      } catch (error) {
        const typed = asEventStoreError(error, attempted);
        if (once || !isEventStoreFailure(typed, 'wrong-expected-revision')) throw typed;
        const ids = events.map(({ id }) => id);
        const first = await earlier(stream, ids, options.signal);
        if (first) return first;
        throw typed;
      }
    },
  };
};
