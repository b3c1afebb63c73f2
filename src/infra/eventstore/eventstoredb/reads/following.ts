import {
  eventTypeFilter,
  START,
  streamNameFilter,
  type AllStreamSubscription,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import { setImmediate as immediately } from 'node:timers/promises';
import { failure } from '../../failure.js';
import { leaveDataAsText } from '../client/clientInternals.js';
import type { Connection } from '../client/connection.js';
import type { Places } from './places.js';
import { unparsed } from '../client/recordedEvents.js';
import type { UnparsedEvent } from '../client/unparsedEvents.js';
import { pause } from '../../../../commands/ports/waiting.js';

/** Where something stands in the log, as the server gave it: never made of one half, nor the two of different places. */
export type Place = Position;

/** An event with the whole of its place. */
export interface PlacedEvent extends UnparsedEvent {
  readonly prepare: bigint;
}

/** What a subscription gave at once. */
export interface Followed {
  readonly events: readonly PlacedEvent[];
  /** How far the server has looked; `undefined` where it has told nothing new. */
  readonly reached: Place | undefined;
  /** Nothing newer was on the server. */
  readonly live: boolean;
}

export interface FollowOptions {
  /** Exclusive; default: from the beginning. */
  readonly after?: Place | undefined;
  /** At most so many events at once. */
  readonly batchSize: number;
  readonly signal: AbortSignal;
}

/** One batch is so much later than another for each event that the other had: the more come, the fewer batches. */
const GATHER_MS_PER_EVENT = 10;
const GATHER_MS = 60;
/** A server that cannot say that it has caught up has when it says nothing for so long. */
const QUIET_MS = 500;
/** The server tells where it is after so many times 32 events that it looked at. */
const CHECKPOINT_INTERVAL = 256;
/** System events have types that begin with a dollar sign. */
const NOT_SYSTEM = '^[^\\$]';

/**
 * One subscription to the log, with the server's filter: ends when the signal aborts, and throws whatever the server
 * drops it for. The next one begins where this one got to.
 */
export async function* follow(
  {
    connection,
    places,
    streamPrefix,
  }: { readonly connection: Connection; readonly places: Places; readonly streamPrefix: string },
  { after, batchSize, signal }: FollowOptions,
): AsyncGenerator<Followed, void> {
  // Whoever has caught up has looked as far as this, also where a server sends no checkpoint.
  const head = await places.last(signal).catch((error: unknown) => {
    if (signal.aborted) return undefined;
    throw error;
  });
  if (signal.aborted) return;
  const { client, onRetired } = connection.current();
  const interval = { checkpointInterval: CHECKPOINT_INTERVAL };
  const incoming = openIncoming((checkpointReached) => {
    const subscription = client.subscribeToAll(
      {
        fromPosition: after ?? START,
        filter:
          streamPrefix === ''
            ? eventTypeFilter({ regex: NOT_SYSTEM, ...interval, checkpointReached })
            : streamNameFilter({ prefixes: [streamPrefix], ...interval, checkpointReached }),
        requiresLeader: true,
      },
      { highWaterMark: batchSize },
    );
    leaveDataAsText(subscription);
    return subscription;
  });
  const stopWatching = onRetired(() => {
    incoming.fail(failure({ kind: 'unavailable' }, 'the connection was given up'));
  });
  signal.addEventListener('abort', incoming.wake, { once: true });
  const isAborted = () => signal.aborted;
  let reached = after;
  let live = false;
  let gaveAt = 0;
  let gatherMs = 0;
  const gather = async (): Promise<void> => {
    const early = gaveAt + gatherMs - performance.now();
    if (early < 1 || incoming.waiting() >= batchSize) return;
    await pause(early, signal);
  };
  try {
    while (!isAborted()) {
      const woken = incoming.nextWake();
      await gather();
      const { events, last, drained } = take(incoming, batchSize, streamPrefix);
      // A checkpoint lies behind all that was received before it; so does the head, once the server itself says
      // that there is nothing newer: one that is quiet may just be slow.
      const told = drained ? incoming.takeCheckpoint() : undefined;
      const isLive = drained && incoming.isCaughtUp();
      const furthest = latest([
        reached,
        last,
        told,
        isLive && incoming.hasToldSo() ? head : undefined,
      ]);
      const isNew = furthest !== reached;
      if (events.length > 0 || isNew || isLive !== live) {
        live = isLive;
        reached = furthest;
        gaveAt = performance.now();
        gatherMs = Math.min(Math.max(1, events.length) * GATHER_MS_PER_EVENT, GATHER_MS);
        yield { events, reached: isNew ? furthest : undefined, live };
      } else {
        incoming.throwIfOver();
        await woken;
        // Messages come one by one: a batch is what comes at once.
        await immediately();
      }
    }
  } finally {
    stopWatching();
    signal.removeEventListener('abort', incoming.wake);
    await incoming.close();
  }
}

/** Takes what has come, up to a batch. */
const take = (
  incoming: ReturnType<typeof openIncoming>,
  batchSize: number,
  streamPrefix: string,
): { events: PlacedEvent[]; last: Place | undefined; drained: boolean } => {
  const events: PlacedEvent[] = [];
  let last: Place | undefined;
  for (let taken = 0; taken < batchSize; taken += 1) {
    const resolved = incoming.read();
    if (!resolved) return { events, last, drained: true };
    const place = resolved.event?.position;
    if (!place) continue;
    last = place;
    const event = unparsed(resolved, streamPrefix);
    if (event) events.push({ prepare: place.prepare, ...event });
  }
  return { events, last, drained: false };
};

/** Checkpoints lie between events: there the commit position is that of the next one, and the prepare position is 0. */
const latest = (places: readonly (Place | undefined)[]): Place | undefined =>
  places.reduce((a, b) => {
    if (!a || !b) return a ?? b;
    return b.commit > a.commit || (b.commit === a.commit && b.prepare > a.prepare) ? b : a;
  });

/** A subscription as something that is read from, without waiting, when it wakes. */
export const openIncoming = (
  open: (
    checkpointReached: (subscription: unknown, place: Place) => Promise<void>,
  ) => AllStreamSubscription,
) => {
  let over: Error | undefined;
  let checkpoint: Place | undefined;
  let caughtUp = false;
  let toldSo = false;
  let wake: () => void = () => undefined;
  let quiet: NodeJS.Timeout | undefined;
  const fail = (error: Error) => {
    over ??= error;
    wake();
  };
  const nowCaughtUp = () => {
    caughtUp = true;
    wake();
  };
  const heard = () => {
    quiet?.refresh();
  };
  const subscription = open((_, place) => {
    // May not fail: the client leaves that rejection to nobody (`dist/streams/utils/Subscription.js`).
    checkpoint = place;
    heard();
    wake();
    return Promise.resolve();
  });
  const ended = () => {
    fail(failure({ kind: 'unavailable' }, 'the server ended the subscription'));
  };
  subscription.on('readable', () => {
    heard();
    wake();
  });
  // Servers before 23.10 do not tell.
  subscription.on('confirmation', () => {
    quiet = setTimeout(nowCaughtUp, QUIET_MS);
  });
  subscription.on('caughtUp', () => {
    toldSo = true;
    nowCaughtUp();
  });
  subscription.on('fellBehind', () => {
    caughtUp = false;
    toldSo = false;
    heard();
  });
  subscription.on('error', fail);
  subscription.on('end', ended);
  subscription.on('close', ended);
  return {
    read: (): ResolvedEvent | undefined => {
      const event: unknown = subscription.read();
      return isResolved(event) ? event : undefined;
    },
    waiting: () => subscription.readableLength,
    takeCheckpoint: (): Place | undefined => {
      const taken = checkpoint;
      checkpoint = undefined;
      return taken;
    },
    isCaughtUp: () => caughtUp && subscription.readableLength === 0,
    /** Whether it is the server that says so. */
    hasToldSo: () => toldSo,
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
      clearTimeout(quiet);
      subscription.removeAllListeners('readable');
      // It fails once more when there was no connection at all.
      await subscription.unsubscribe().catch(() => undefined);
      subscription.destroy();
    },
  };
};

const isResolved = (value: unknown): value is ResolvedEvent =>
  typeof value === 'object' && value !== null;
