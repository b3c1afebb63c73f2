import type { RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { eventually } from '../../../support/run/eventually.js';
import type { EventStoreDbLog } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { parsed } from '../../../../src/infra/eventstore/eventstoredb/client/unparsedEvents.js';
import type {
  Followed,
  Place,
} from '../../../../src/infra/eventstore/eventstoredb/reads/following.js';

/** A subscription to a server's log that keeps what it is given. */
export interface ServerFollower {
  readonly given: readonly Followed[];
  events(): readonly RecordedEvent[];
  /** Where the next one goes on. */
  reached(): Place | undefined;
  isLive(): boolean;
  /** Resolves when the subscription has ended; rejects with what the server dropped it for. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

export const followServer = (
  log: Pick<EventStoreDbLog, 'follow'>,
  options: {
    readonly after?: Place | undefined;
    readonly batchSize?: number;
    /** Awaited before the next is taken. */
    readonly onGiven?: (given: Followed) => void | Promise<void>;
  } = {},
): ServerFollower => {
  const { after, batchSize = 1_000, onGiven } = options;
  const stopping = new AbortController();
  const given: Followed[] = [];
  const ended = (async () => {
    for await (const each of log.follow({ after, batchSize, signal: stopping.signal })) {
      given.push(each);
      await onGiven?.(each);
    }
  })();
  // Told by `ended` and `stop`.
  ended.catch(() => undefined);
  return {
    given,
    events: () => given.flatMap(({ events }) => events.flatMap((event) => parsed(event) ?? [])),
    reached: () => given.findLast(({ reached }) => reached)?.reached ?? after,
    isLive: () => given.at(-1)?.live ?? false,
    ended,
    stop: () => {
      stopping.abort();
      return ended;
    },
  };
};

/** The place where whoever has seen all of the log goes on, and the position of its last event. */
export const endOfServer = async (
  log: Pick<EventStoreDbLog, 'follow'>,
): Promise<{ readonly reached: Place | undefined; readonly position: bigint }> => {
  const seen = followServer(log);
  await eventually('it has caught up', () => seen.isLive());
  await seen.stop();
  return { reached: seen.reached(), position: seen.events().at(-1)?.position ?? 0n };
};
