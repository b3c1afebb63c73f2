/**
 * The port to the event log. Two adapters pass one contract suite: PostgreSQL and EventStoreDB.
 * Positions and revisions are `bigint`. A revision counts from 0 within its stream. A position orders
 * the whole log: whoever has seen position N never finds a smaller one later.
 */
export interface EventStore {
  /** Whether reads with `mayLag` can be behind what was appended. */
  readonly readsMayLag: boolean;

  /**
   * Appends all of the events to one stream, or none, durable when the promise resolves.
   * The same append again (same event ids, same expected revision) returns the first result instead of a
   * second copy, however long ago that was; so does one that expects a revision that is wrong by now.
   * @throws {EventStoreError} `wrong-expected-revision`, `event-id-taken`, `invalid-event`, `too-large`, `stream-deleted`,
   *   `access-denied`, `unavailable` and `timeout` (both may have appended: trying again with the same event
   *   ids is safe, and finds out), `aborted`.
   */
  append(
    stream: string,
    events: readonly EventToAppend[],
    options: { readonly expectedRevision: ExpectedRevision; readonly signal?: AbortSignal },
  ): Promise<AppendResult>;

  /** Events of one stream in order; a stream without events gives an empty slice. */
  readStream(stream: string, options?: ReadStreamOptions): Promise<StreamSlice>;

  /**
   * One page of the log. The page's `position` is the last one *examined*, which a filter may have left
   * out: the next page starts after it.
   */
  readAll(options?: ReadAllOptions): Promise<LogPage>;

  /**
   * Follows the log from a position for ever, in batches: first what is there, then what comes. A batch
   * without events moves the position over a filtered stretch or says that the end is reached. Pulls:
   * nothing is read ahead of a slow consumer beyond one batch. Ends without error when the signal aborts.
   */
  subscribeToAll(options: SubscribeToAllOptions): AsyncIterable<LogBatch>;

  /**
   * What each of some streams had before one of its revisions, in the stream's order, by stream. A stream that had
   * nothing is absent.
   */
  readBefore(
    ends: readonly StreamEnd[],
    options?: {
      /** The last position that counts; default: all do. */
      readonly upTo?: bigint;
      readonly onUnreadable?: OnUnreadable;
      readonly signal?: AbortSignal;
    },
  ): Promise<ReadonlyMap<string, readonly RecordedEvent[]>>;

  /**
   * One page of the streams whose names begin alike, stream by stream in the order of their names, each in its own
   * order.
   */
  readByStream(options: ReadByStreamOptions): Promise<StreamsPage>;

  /** The position of the newest event; 0 in an empty log. */
  headPosition(options?: { readonly signal?: AbortSignal }): Promise<bigint>;

  /**
   * How many events the log has up to each of some positions, be there an event at them or not. Positions order
   * events; where they do not count them as well (1, 2, 3, …), this does.
   */
  ordinalsAt(positions: readonly bigint[]): Promise<readonly bigint[]>;

  /** Which log this is: the same for whoever opens it, now and later, and another for every other log. */
  identify(options?: { readonly signal?: AbortSignal }): Promise<string>;
}

/** `no-stream`: must not exist; `any`: no check; `stream-exists`: at least one event; or the exact last revision. */
export type ExpectedRevision = bigint | 'no-stream' | 'any' | 'stream-exists';

export interface EventMetadata {
  /** One user-visible act, across everything it led to. */
  readonly correlationId: string;
  /** The command or event that directly caused this one. */
  readonly causationId: string;
  /** Who acted; absent for the system. */
  readonly userId?: string;
  /** The version of the event type's schema that `data` follows. */
  readonly schemaVersion: number;
  /** W3C Trace Context. */
  readonly traceparent?: string;
  /** The event's link in the hash chain of its stream, where the log keeps one. */
  readonly hash?: string;
}

export interface EventToAppend {
  /** UUID; the key of idempotent appends. */
  readonly id: string;
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: EventMetadata;
}

export interface RecordedEvent extends EventToAppend {
  readonly stream: string;
  readonly revision: bigint;
  readonly position: bigint;
  readonly recordedAt: Date;
}

/** An event as read models fold it: without what led to it. */
export interface FoldedEvent extends Omit<RecordedEvent, 'metadata'> {
  readonly metadata: Pick<EventMetadata, 'schemaVersion'>;
}

/** Where an event is and what it says it is: known of one that cannot be read as well. */
export type EventPlace = Pick<
  RecordedEvent,
  'id' | 'type' | 'stream' | 'revision' | 'position' | 'recordedAt'
>;

/** Told of an event that cannot be read; unless it throws, the event is left out. */
export type OnUnreadable = (event: EventPlace, error: EventStoreError) => void;

export interface AppendResult {
  /** The stream's last revision after this append. */
  readonly revision: bigint;
  /** The position of the last event appended. */
  readonly position: bigint;
}

export interface ReadStreamOptions {
  readonly direction?: 'forwards' | 'backwards';
  /** Inclusive; default: the first forwards, the last backwards. */
  readonly from?: bigint;
  /** Default 1,000. */
  readonly maxCount?: number;
  /** May be behind what was just appended, where that is much cheaper; default: has all of it. */
  readonly mayLag?: boolean;
  readonly signal?: AbortSignal;
}

export interface StreamSlice {
  readonly events: readonly RecordedEvent[];
  /** The stream's last revision when it was read; absent when it has no events. */
  readonly lastRevision?: bigint;
  /** There is more in the direction read. */
  readonly hasMore: boolean;
}

/** A revision of a stream. */
export interface StreamEnd {
  readonly stream: string;
  readonly revision: bigint;
}

export interface ReadByStreamOptions {
  /** What the streams' names begin with. */
  readonly prefix: string;
  /** Exclusive; of a stream that need not exist. Default: before the first stream. */
  readonly after?: StreamEnd | undefined;
  /** The last position that counts. */
  readonly upTo: bigint;
  /** Only these types. */
  readonly types: readonly string[];
  /** Default 1,000. */
  readonly maxCount?: number;
  readonly onUnreadable?: OnUnreadable;
  readonly signal?: AbortSignal;
}

export interface StreamsPage {
  readonly events: readonly FoldedEvent[];
  /** Where the next page begins; absent when this was the last. */
  readonly next?: StreamEnd;
}

export interface LogFilter {
  /** Only these types; all when absent. */
  readonly types?: readonly string[];
  /** Only streams whose names start with one of these; all when absent. */
  readonly streamPrefixes?: readonly string[];
}

export interface ReadAllOptions {
  readonly direction?: 'forwards' | 'backwards';
  /** Exclusive; default: before the first forwards, after the last backwards. */
  readonly after?: bigint;
  readonly filter?: LogFilter;
  /** Default 1,000. */
  readonly maxCount?: number;
  /** Of the domain event store; default: the read fails. */
  readonly onUnreadable?: OnUnreadable;
  readonly signal?: AbortSignal;
}

export interface LogPage {
  readonly events: readonly RecordedEvent[];
  readonly position: bigint;
  /** The end of the log, as it was, has been reached. */
  readonly end: boolean;
}

export interface SubscribeToAllOptions {
  /** Exclusive; 0 for the whole log. */
  readonly after: bigint;
  readonly filter?: LogFilter;
  /** At most so many events in a batch. Default 1,000. */
  readonly batchSize?: number;
  /** Of the domain event store; default: the subscription fails. */
  readonly onUnreadable?: OnUnreadable;
  readonly signal: AbortSignal;
}

export interface LogBatch {
  /** Everything wanted that is behind `after`, up to and including `position`. */
  readonly events: readonly RecordedEvent[];
  /** Where the batch before it ended: whoever stands before it would miss what lies between. */
  readonly after: bigint;
  /** The last position examined: what a checkpoint stores. */
  readonly position: bigint;
  /** Nothing newer was in the log when this batch was read. */
  readonly caughtUp: boolean;
}

/** Everything that can go wrong between a caller and the log. */
export type EventStoreFailure =
  | {
      readonly kind: 'wrong-expected-revision';
      readonly stream: string;
      readonly expected: ExpectedRevision;
      /** Absent when the stream has no events. */
      readonly actual?: bigint;
    }
  | {
      readonly kind: 'invalid-event';
      readonly type: string;
      readonly detail: string;
      /** The event in the log that cannot be read; absent where it was to be appended. */
      readonly event?: EventPlace;
    }
  /** An event has the id of another one of the log, or the append is known in part: nothing was appended. */
  | { readonly kind: 'event-id-taken'; readonly stream: string }
  | { readonly kind: 'too-large'; readonly limitBytes: number }
  /** For ever; by somebody beside Reellog, which deletes no stream. */
  | { readonly kind: 'stream-deleted'; readonly stream: string }
  | { readonly kind: 'access-denied' }
  /** The server has not the past that was read from it: nothing is read or written until an operator decides. */
  | { readonly kind: 'past-gone' }
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'timeout' }
  | { readonly kind: 'aborted' };

/** Carries a typed failure and, as `cause`, the error behind it. */
export class EventStoreError extends Error {
  override readonly name = 'EventStoreError';
  constructor(
    readonly failure: EventStoreFailure,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** Narrows an unknown error to one kind of event store failure. */
export const isEventStoreFailure = <Kind extends EventStoreFailure['kind']>(
  error: unknown,
  kind: Kind,
): error is EventStoreError & { failure: Extract<EventStoreFailure, { kind: Kind }> } =>
  error instanceof EventStoreError && error.failure.kind === kind;

/** What a caller is told whose signal aborted, whatever the reason: the time limit is told from having left. */
export const stoppedWaiting = ({ reason }: AbortSignal): EventStoreError =>
  reason instanceof Error && reason.name === 'TimeoutError'
    ? new EventStoreError({ kind: 'timeout' }, 'no answer within the time allowed', {
        cause: reason,
      })
    : new EventStoreError({ kind: 'aborted' }, 'the caller stopped waiting', { cause: reason });
