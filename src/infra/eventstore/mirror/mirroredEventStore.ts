import type { Logger } from 'pino';
import {
  isEventStoreFailure,
  stoppedWaiting,
  type EventStore,
  type ReadStreamOptions,
  type RecordedEvent,
  type StreamSlice,
} from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import type { EventStoreDbLog } from '../eventstoredb/eventStoreDbLog.js';
import { failure } from '../failure.js';
import { createLogReads } from '../postgres/reads/logReads.js';
import type { LogTables } from '../postgres/logTables.js';
import type { MirrorHealth } from './mirrorHealth.js';
import type { Mirror } from './mirrorTable.js';
import { refuseGone } from './pastGone.js';
import { watchMirror } from './mirrorWatch.js';

const DEFAULT_COUNT = 1_000;
/** A read that is to have what was appended here waits so long for the mirror to have it, in milliseconds. */
const OWN_APPENDS_MS = 10_000;

/** The log in EventStoreDB as everybody sees it, with what tells how its mirror is. */
export interface MirroredEventStore extends EventStore {
  readonly tables: LogTables;
  /** How its mirror is. */
  readonly mirror: MirrorHealth;
  /** Resolves when the mirror has caught up since this was opened. @throws {EventStoreError} `past-gone`, `aborted` */
  ready(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

/**
 * Appends to EventStoreDB and reads the mirror in PostgreSQL. What this process has appended its reads of all the log
 * have, however far behind the mirror is: they wait for it. A read of one stream that may not lag goes on at the
 * server where the mirror ends; what an operator took away there (`$tb`, a deleted stream) the mirror still has.
 */
export const createMirroredEventStore = async (options: {
  readonly database: Database;
  readonly log: EventStoreDbLog;
  readonly mirror: Mirror;
  readonly logger: Logger;
  /** Reads the mirror also of a past that the server has lost. */
  readonly evenIfGone?: boolean | undefined;
}): Promise<MirroredEventStore> => {
  const { database, log, mirror, logger, evenIfGone = false } = options;
  const reads = createLogReads(database, mirror.tables, logger);
  const watch = await watchMirror(database, mirror, logger);
  const identity = identityOf(mirror);
  /** The last that this process has appended. */
  let appended = 0n;

  const requireSound = (): void => {
    const { fault } = watch.state();
    if (fault !== undefined && !evenIfGone) throw failure({ kind: 'past-gone' }, fault);
  };

  /** Until the mirror has what this process appended before. */
  const own = async (signal: AbortSignal | undefined): Promise<void> => {
    requireSound();
    await watch.reached(appended, OWN_APPENDS_MS, signal);
  };

  /** While nobody knows how the mirror and its server compare, as after it was away, that is looked at once. */
  let compared: Promise<void> | undefined;
  const requireServer = async (): Promise<void> => {
    requireSound();
    const state = watch.state();
    if (state.live) {
      compared = undefined;
    } else if (!evenIfGone) {
      compared ??= refuseGone({ log, mirror }, state).catch((error: unknown) => {
        compared = undefined;
        throw error;
      });
      await compared;
    }
  };

  const append: EventStore['append'] = async (stream, events, append) => {
    await requireServer();
    const result = await log.append(stream, events, append);
    if (result.position > appended) appended = result.position;
    return result;
  };

  const readStream: EventStore['readStream'] = async (stream, read = {}) => {
    requireSound();
    if (read.mayLag === true) return reads.readStream(stream, read);
    return read.direction === 'backwards'
      ? backwards(log, reads, stream, read)
      : forwards(log, reads, stream, read);
  };

  return {
    ...reads,
    tables: mirror.tables,
    mirror: { of: mirror, state: () => watch.state() },
    readsMayLag: true,
    append,
    readStream,
    readAll: async (read) => {
      await own(read?.signal);
      return reads.readAll(read);
    },
    headPosition: async (read) => {
      await own(read?.signal);
      return reads.headPosition(read);
    },
    identify: ({ signal } = {}) =>
      signal?.aborted ? Promise.reject(stoppedWaiting(signal)) : Promise.resolve(identity),
    ready: async (signal) => {
      try {
        await watch.caughtUp(signal);
      } catch (error) {
        if (!evenIfGone || !isEventStoreFailure(error, 'past-gone')) throw error;
      }
    },
    close: async () => {
      await watch.close();
      await reads.close();
      await log.close();
    },
  };
};

/** A mirror that was built again is another log to whoever keeps positions of it. */
export const identityOf = ({ server, generation }: Mirror): string =>
  generation === 1 ? server : `${server}#${generation}`;

type Reads = Pick<EventStore, 'readStream'>;

/** What the mirror has, and then what the server has behind it. */
const forwards = async (
  log: Reads,
  mirror: Reads,
  stream: string,
  read: ReadStreamOptions,
): Promise<StreamSlice> => {
  const { from = 0n, maxCount = DEFAULT_COUNT } = read;
  const mirrored = await mirror.readStream(stream, read);
  if (mirrored.hasMore) return mirrored;
  const next = (mirrored.lastRevision ?? -1n) + 1n;
  const newer = await log.readStream(stream, {
    ...read,
    from: next > from ? next : from,
    // One more tells whether there are more.
    maxCount: maxCount - mirrored.events.length + 1,
  });
  const events = [...mirrored.events, ...newer.events.slice(0, maxCount - mirrored.events.length)];
  const last = newer.lastRevision ?? mirrored.lastRevision;
  return {
    events,
    ...(last === undefined ? {} : { lastRevision: last }),
    hasMore: newer.hasMore || newer.events.length > maxCount - mirrored.events.length,
  };
};

/** What the server has behind the mirror, and then what the mirror has. */
const backwards = async (
  log: Reads,
  mirror: Reads,
  stream: string,
  read: ReadStreamOptions,
): Promise<StreamSlice> => {
  const { from, maxCount = DEFAULT_COUNT } = read;
  const { signal } = read;
  const limits = signal ? { signal } : {};
  const newest = await mirror.readStream(stream, {
    direction: 'backwards',
    maxCount: 1,
    ...limits,
  });
  const end = newest.lastRevision ?? -1n;
  const newer = await allAfter(log, stream, end, limits);
  const wanted = newer.filter(({ revision }) => from === undefined || revision <= from);
  const events = wanted.reverse().slice(0, maxCount);
  // Not what the mirror has got meanwhile.
  const start = from === undefined || from > end ? end : from;
  const left = { ...read, from: start, maxCount: maxCount - events.length };
  const older =
    left.maxCount === 0 || start < 0n ? [] : (await mirror.readStream(stream, left)).events;
  const last = newer.at(-1)?.revision ?? newest.lastRevision;
  const all = [...events, ...older];
  return {
    events: all,
    ...(last === undefined ? {} : { lastRevision: last }),
    hasMore: all.length === maxCount && (all.at(-1)?.revision ?? 0n) > 0n,
  };
};

/** The mirror is milliseconds behind: these are few. */
const allAfter = async (
  log: Reads,
  stream: string,
  revision: bigint,
  limits: Pick<ReadStreamOptions, 'signal'>,
): Promise<RecordedEvent[]> => {
  const events: RecordedEvent[] = [];
  for (let from = revision + 1n, more = true; more;) {
    const slice = await log.readStream(stream, { from, ...limits });
    events.push(...slice.events);
    from = (slice.events.at(-1)?.revision ?? from) + 1n;
    more = slice.hasMore;
  }
  return events;
};
