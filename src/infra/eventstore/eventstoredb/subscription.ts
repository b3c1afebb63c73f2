import {
  eventTypeFilter,
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import type { Logger } from 'pino';
import { setImmediate as immediately, setTimeout as sleep } from 'node:timers/promises';
import {
  isEventStoreFailure,
  type LogBatch,
  type RecordedEvent,
  type SubscribeToAllOptions,
} from '../../../commands/ports/eventStore.js';
import { failure } from '../failure.js';
import { wants } from '../logFilter.js';
import type { Connection } from './connection.js';
import type { LogReads } from './logReads.js';
import { positionOf, recorded } from './recordedEvents.js';
import { asEventStoreError } from './storeErrors.js';

const DEFAULT_BATCH = 1_000;
/** Before subscribing again after a failure; the next attempts double it up to the last. */
const FIRST_RETRY_MS = 50;
const LAST_RETRY_MS = 5_000;
/** While it catches up a batch may take so long to fill. */
const GATHER_MS = 10;
/** The server tells where it is after so many times 32 events that it looked at. */
const CHECKPOINT_INTERVAL = 256;
/** System events have types that begin with a dollar sign. */
const NOT_SYSTEM = '^[^\\$]';

/** What a subscription works with. */
export interface SubscriptionContext {
  readonly connection: Connection;
  readonly logReads: LogReads;
  readonly streamPrefix: string;
  readonly logger: Logger;
}

/**
 * Follows the log for ever. The client's subscriptions end with the connection and are never opened again by
 * it: this does, from the last position that was given, until the signal aborts.
 * @throws {EventStoreError} `access-denied`: waiting does not help
 */
export async function* subscribe(
  context: SubscriptionContext,
  options: SubscribeToAllOptions,
): AsyncGenerator<LogBatch, void> {
  const { signal } = options;
  const isAborted = () => signal.aborted;
  let { after } = options;
  let retry = FIRST_RETRY_MS;
  while (!isAborted()) {
    try {
      for await (const batch of followOnce(context, { ...options, after })) {
        retry = FIRST_RETRY_MS;
        after = batch.position;
        yield batch;
        if (isAborted()) return;
      }
    } catch (error) {
      if (isAborted()) return;
      const typed = asEventStoreError(error);
      if (isEventStoreFailure(typed, 'access-denied')) throw typed;
      context.logger.warn({ err: typed, after }, 'cannot follow the log: subscribing again');
      await sleep(retry, undefined, { signal }).catch(() => undefined);
      retry = Math.min(retry * 2, LAST_RETRY_MS);
    }
  }
}

/** One subscription of the client; throws when it is dropped, ends when the signal aborts. */
async function* followOnce(
  { connection, logReads, streamPrefix }: SubscriptionContext,
  { after: start, filter, batchSize = DEFAULT_BATCH, signal }: SubscribeToAllOptions,
): AsyncGenerator<LogBatch, void> {
  let after = start;
  // Where the log ended before the subscription began: from there on it is caught up.
  const head = await logReads.headAfter(after, signal);
  let said = head <= after;
  if (said) yield { events: [], after, position: after, caughtUp: true };
  if (signal.aborted) return;

  const { client, onRetired } = connection.current();
  let checkpoint: Position | undefined;
  const incoming = openIncoming(
    (checkpointReached) =>
      client.subscribeToAll(
        {
          fromPosition: after === 0n ? START : { commit: after, prepare: after },
          filter:
            streamPrefix === ''
              ? eventTypeFilter({ regex: NOT_SYSTEM, ...interval, checkpointReached })
              : streamNameFilter({ prefixes: [streamPrefix], ...interval, checkpointReached }),
          requiresLeader: true,
        },
        { highWaterMark: batchSize },
      ),
    (position) => {
      checkpoint = position;
    },
  );
  const stopWatching = onRetired(() => {
    incoming.fail(failure({ kind: 'unavailable' }, 'the connection was given up'));
  });
  signal.addEventListener('abort', incoming.wake, { once: true });
  const isAborted = () => signal.aborted;
  try {
    while (!isAborted()) {
      const woken = incoming.nextWake();
      const events: RecordedEvent[] = [];
      let last = after;
      let drained = false;
      for (let taken = 0; taken < batchSize; taken += 1) {
        const resolved = incoming.read();
        if (!resolved) {
          drained = true;
          break;
        }
        last = positionOf(resolved) ?? last;
        const event = recorded(resolved, streamPrefix);
        if (event && wants(filter, event)) events.push(event);
      }
      // A checkpoint lies behind all that was received before it.
      const latest = checkpoint;
      let reached = last;
      if (drained && latest) {
        checkpoint = undefined;
        reached = await examinedAt(latest, logReads, signal);
      }
      const position = reached > last ? reached : last;
      const caughtUp = position >= head && incoming.isEmpty();
      if (position > after || (caughtUp && !said)) {
        said = caughtUp;
        const from = after;
        after = position;
        yield { events, after: from, position, caughtUp };
      } else {
        incoming.throwIfOver();
        await woken;
        // Messages come one by one: a batch is what comes at once, or, far behind, within a moment.
        if (caughtUp) await immediately();
        else await sleep(GATHER_MS, undefined, { signal }).catch(() => undefined);
      }
    }
  } finally {
    stopWatching();
    signal.removeEventListener('abort', incoming.wake);
    await incoming.close();
  }
}

const interval = { checkpointInterval: CHECKPOINT_INTERVAL };

/**
 * The last event that a checkpoint is behind. A checkpoint between two events has the commit position of the
 * next one, which may be yet to come, and the prepare position 0.
 */
const examinedAt = (
  { commit, prepare }: Position,
  logReads: LogReads,
  signal: AbortSignal,
): Promise<bigint> | bigint => (prepare === commit ? commit : logReads.lastBefore(commit, signal));

/** A subscription as something that is read from, without waiting, when it wakes. */
const openIncoming = (
  open: (
    checkpointReached: (subscription: unknown, position: Position) => Promise<void>,
  ) => AllStreamSubscription,
  onCheckpoint: (position: Position) => void,
) => {
  let over: Error | undefined;
  let wake: () => void = () => undefined;
  const fail = (error: Error) => {
    over ??= error;
    wake();
  };
  const subscription = open((_, position) => {
    // May not fail: the client leaves that rejection to nobody (`dist/streams/utils/Subscription.js`).
    onCheckpoint(position);
    wake();
    return Promise.resolve();
  });
  const ended = () => {
    fail(failure({ kind: 'unavailable' }, 'the server ended the subscription'));
  };
  subscription.on('readable', () => {
    wake();
  });
  subscription.on('error', fail);
  subscription.on('end', ended);
  subscription.on('close', ended);
  return {
    read: (): ResolvedEvent | undefined => {
      const event: unknown = subscription.read();
      return isResolved(event) ? event : undefined;
    },
    isEmpty: () => subscription.readableLength === 0,
    /** Resolves at the next thing that happens; asked for before looking, so that nothing is missed. */
    nextWake: () =>
      new Promise<void>((resolve) => {
        wake = resolve;
      }),
    wake: () => {
      wake();
    },
    fail,
    /** What was received before the end is read first. */
    throwIfOver: () => {
      if (over) throw over;
    },
    close: async () => {
      subscription.removeAllListeners('readable');
      // It fails once more when there was no connection at all.
      await subscription.unsubscribe().catch(() => undefined);
      subscription.destroy();
    },
  };
};

const isResolved = (value: unknown): value is ResolvedEvent =>
  typeof value === 'object' && value !== null;
