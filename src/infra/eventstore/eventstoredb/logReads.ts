import { BACKWARDS, END, FORWARDS, START } from '@eventstore/db-client';
import type {
  EventStore,
  LogPage,
  ReadAllOptions,
  RecordedEvent,
} from '../../../commands/ports/eventStore.js';
import { wants } from '../logFilter.js';
import type { Connection } from './connection.js';
import { takeEach } from './reading.js';
import { positionOf, recorded } from './recordedEvents.js';
import { withSecondTry } from './secondTry.js';
import { asEventStoreError } from './storeErrors.js';

const DEFAULT_COUNT = 1_000;
/** One page examines so many events at most, however rare the ones wanted are. */
const WINDOW = 20_000;
/** How many more events are asked for than wanted: the one to begin after, the next, and a few of others'. */
const OTHERS = 32;
/** Looking for the newest event of ours, so many are examined at once. */
const NEWEST = 4;
/** The event that the page begins after comes, too; what is behind the window tells that there is more. */
const ASKED = WINDOW + 2;

/** Reads of the log from end to end; the client's reads of all events have no filter, so that is done here. */
export interface LogReads {
  readonly readAll: EventStore['readAll'];
  /**
   * The position of the newest event of ours; looks no further back than `atLeast`, which is taken for the
   * answer when there is none behind it.
   */
  headAfter(atLeast: bigint, signal?: AbortSignal): Promise<bigint>;
  /** The position of the event before a place in the log, whosever it is; 0 where there is none. */
  lastBefore(place: bigint, signal?: AbortSignal): Promise<bigint>;
}

export const createLogReads = (connection: Connection, streamPrefix: string): LogReads => {
  const examine = async (
    { direction, after, signal }: Pick<ReadAllOptions, 'direction' | 'after' | 'signal'>,
    maxCount: number,
    take: (event: RecordedEvent | undefined, position: bigint) => 'more' | 'enough',
  ): Promise<boolean> => {
    const backwards = direction === 'backwards';
    const outermost = backwards ? END : START;
    try {
      return await connection.call((client, limits) => {
        const reading = client.readAll({
          direction: backwards ? BACKWARDS : FORWARDS,
          fromPosition:
            after === undefined || (after === 0n && !backwards)
              ? outermost
              : { commit: after, prepare: after },
          maxCount,
          requiresLeader: true,
        });
        return takeEach(reading, limits, (resolved) => {
          const position = positionOf(resolved);
          return position === undefined ? 'more' : take(recorded(resolved, streamPrefix), position);
        });
      }, signal);
    } catch (error) {
      throw asEventStoreError(error);
    }
  };

  /** One page of what the server is asked for so many events of. */
  const page = async (options: ReadAllOptions, wanted: number, asked: number): Promise<LogPage> => {
    const { after, filter } = options;
    const forwards = options.direction !== 'backwards';
    const events: RecordedEvent[] = [];
    let position = after ?? 0n;
    let received = 0;
    let examined = 0;
    let more = false;
    const complete = await examine(options, asked, (event, at) => {
      received += 1;
      // Forwards the server begins with the event at the position itself.
      if (forwards && after !== undefined && at <= after) return 'more';
      if (events.length === wanted || examined === WINDOW) {
        // Others' events behind the last one wanted do not tell that there is more.
        more ||= event !== undefined;
        return more && asked === ASKED ? 'enough' : 'more';
      }
      examined += 1;
      position = at;
      if (event && wants(filter, event)) events.push(event);
      return 'more';
    });
    return { events, position, end: complete && received < asked && !more };
  };

  const readAll = async (options: ReadAllOptions = {}): Promise<LogPage> => {
    if (options.direction === 'backwards' && options.after === 0n) {
      return { events: [], position: 0n, end: true };
    }
    const wanted = options.maxCount ?? DEFAULT_COUNT;
    // As few as will do, and read to their end: see `headAfter`.
    const few = Math.min(wanted + OTHERS, ASKED);
    const first = await page(options, wanted, few);
    if (first.events.length > 0 || first.end || few === ASKED) return first;
    return page({ ...options, after: first.position }, wanted, ASKED);
  };

  const headAfter: LogReads['headAfter'] = async (atLeast, signal) => {
    let before: bigint | undefined;
    // A few first, which are read to their end: servers close the connection of a client that breaks off
    // reads all the time (https://nvd.nist.gov/vuln/detail/CVE-2023-44487).
    for (let window = NEWEST; ; window = WINDOW) {
      let head: bigint | undefined;
      let examined = 0;
      const complete = await examine(
        {
          ...{ direction: 'backwards' },
          ...(before === undefined ? {} : { after: before }),
          ...(signal ? { signal } : {}),
        },
        window,
        (event, position) => {
          if (head !== undefined) return window === WINDOW ? 'enough' : 'more';
          before = position;
          examined += 1;
          if (position <= atLeast) head = atLeast;
          else if (event) head = position;
          return 'more';
        },
      );
      if (head !== undefined) return head;
      if (complete && examined < window) return atLeast;
    }
  };

  const lastBefore: LogReads['lastBefore'] = async (place, signal) => {
    let last = 0n;
    const options = {
      direction: 'backwards',
      after: place,
      ...(signal ? { signal } : {}),
    } as const;
    await examine(options, 1, (_, position) => {
      last = position;
      return 'more';
    });
    return last;
  };

  return {
    lastBefore: (place, signal) => withSecondTry(() => lastBefore(place, signal)),
    readAll: (options) => withSecondTry(() => readAll(options)),
    headAfter: (atLeast, signal) => withSecondTry(() => headAfter(atLeast, signal)),
  };
};
