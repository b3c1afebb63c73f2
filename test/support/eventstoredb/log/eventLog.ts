import { randomUUID } from 'node:crypto';

import { checkCommit, expected } from './commits/commitCheck.js';
import { createCommittedIds } from './commits/committedIds.js';
import type { EventFilter } from './eventFilter.js';
import { deletedStream, recordBytes, type EventRecord, type ProposedEvent } from './eventRecord.js';
import { resolveLink, type ResolvedEvent } from './system/linkTo.js';
import {
  isRecordBoundary,
  readAllBackwards,
  readAllForwards,
  type AllPage,
  type LogPosition,
  type PageSize,
} from './readAll.js';
import { readStreamBackwards, readStreamForwards, type StreamPage } from './readStream.js';
import { atOnce, type Replicate } from './commits/replication.js';
import { createStreamIndex, readableIndex } from './streamIndex.js';
import { softDeleteMetadata, softUndeleteMetadata } from './system/streamMetadata.js';
import { systemEventsOfANewNode } from './system/systemEvents.js';
import {
  isMetastream,
  metastreamOf,
  originalStreamOf,
  streamDeletedType,
  streamMetadataType,
} from './system/systemStreams.js';

/** What became of a write. */
export type WriteOutcome =
  | {
      readonly kind: 'written';
      readonly revision: number;
      /** Absent where events written before can no longer be read. */
      readonly position?: number;
      /** Done once the write is replicated, which nobody is told of before; absent where it is already. */
      readonly replicated?: Promise<void>;
    }
  /** The same events are there, and not replicated yet: the server says nothing to that (`IdempotentNotReady`). */
  | { readonly kind: 'notReplicated' }
  | { readonly kind: 'wrongExpectedVersion'; readonly current: number }
  | { readonly kind: 'streamDeleted' };

/** The transaction log of a server with its index, in memory; one for all nodes of a cluster. */
export interface EventLogDouble {
  /** Every record that is replicated, in the order of the log. */
  readonly records: readonly EventRecord[];
  /** The position of the last record, -1 when there is none: `LastIndexedPosition`. */
  lastPosition(): number;
  /** Appends all events or none. */
  append(stream: string, expectedVersion: number, events: readonly ProposedEvent[]): WriteOutcome;
  /** Deletes a stream so that it can be written again, or with a tombstone for good. */
  deleteStream(
    stream: string,
    expectedVersion: number,
    how: 'softly' | 'withTombstone',
  ): WriteOutcome;
  lastEventNumber(stream: string): number;
  /** The last event of a stream, whoever may read it. */
  lastEvent(stream: string): EventRecord | undefined;
  readStreamForwards(stream: string, from: number, count: number): StreamPage;
  readStreamBackwards(stream: string, from: number, count: number): StreamPage;
  readAllForwards(from: LogPosition, size: PageSize, filter: EventFilter): AllPage;
  readAllBackwards(from: LogPosition, size: PageSize, filter: EventFilter): AllPage;
  /** Whether `$all` can be read from here. */
  isRecordBoundary(position: LogPosition): boolean;
  resolve(record: EventRecord): ResolvedEvent;
  /** Calls back for each event as it is committed, in order. The answer ends that. */
  onCommitted(listener: (record: EventRecord) => void): () => void;
}

export interface EventLogOptions {
  /** What the clock says, in milliseconds since 1970. */
  readonly now?: () => number;
  /** Whether the log begins with what a server writes when it first starts. Yes, if absent. */
  readonly systemEvents?: boolean;
  /** What an earlier log held: with records, this one goes on where that one ended. */
  readonly restored?: readonly EventRecord[];
  /** Keeps what was replicated, before anybody is told of it. */
  readonly keep?: (records: readonly EventRecord[]) => void;
  /** How writes are replicated: at once where absent. */
  readonly replicate?: Replicate;
}

const noBytes = new Uint8Array();
const noEvent: ProposedEvent = {
  id: '',
  type: '',
  isJson: false,
  data: noBytes,
  metadata: noBytes,
};

export const createEventLog = (options: EventLogOptions = {}): EventLogDouble => {
  const { now = Date.now, systemEvents = true, restored = [], keep, replicate = atOnce } = options;
  const records: EventRecord[] = [];
  /** What is written and not replicated: the writer reckons with it, and no reader sees it. */
  const pending: EventRecord[] = [];
  const index = createStreamIndex();
  const readable = readableIndex(index, pending);
  const committed = createCommittedIds();
  const listeners = new Set<(record: EventRecord) => void>();
  let end = 0;

  const add = (record: EventRecord): void => {
    end = record.end;
    pending.push(record);
    index.add(record);
    committed.add(record);
  };

  const write = (stream: string, revision: number, event: ProposedEvent): EventRecord => {
    const { id, type, isJson, data, metadata } = event;
    const position = end;
    const created = now();
    const record: EventRecord = {
      id,
      type,
      isJson,
      data,
      metadata,
      position,
      end: position + recordBytes(stream, event),
      stream,
      revision,
      created,
    };
    add(record);
    return record;
  };

  const commit = (to: number): void => {
    const committing = pending.splice(0, pending.findLastIndex((record) => record.end <= to) + 1);
    for (const record of committing) records.push(record);
    keep?.(committing);
    if (listeners.size === 0) return;
    for (const record of committing) {
      for (const listener of listeners) listener(record);
    }
  };

  /** Has all that is written until now replicated. */
  const replicateAll = (): { readonly replicated?: Promise<void> } => {
    const to = end;
    const write: { isReplicated: boolean; tell?: () => void } = { isReplicated: false };
    replicate(() => {
      commit(to);
      write.isReplicated = true;
      write.tell?.();
    });
    if (write.isReplicated) return {};
    return {
      replicated: new Promise((resolve) => {
        write.tell = resolve;
      }),
    };
  };

  const writeMetadata = (stream: string, data: Uint8Array): EventRecord => {
    const metastream = metastreamOf(stream);
    const revision = index.lastEventNumber(metastream) + 1;
    const event = { ...noEvent, id: randomUUID(), type: streamMetadataType, isJson: true, data };
    return write(metastream, revision, event);
  };

  /** Lets a stream be read again from this number on: `StorageWriterService.SoftUndeleteStream`. */
  const undelete = (stream: string, from: number): void => {
    const data = softUndeleteMetadata(index.events(metastreamOf(stream)).at(-1), from);
    if (data !== undefined) writeMetadata(stream, data);
  };

  const lastEvent = (stream: string): EventRecord | undefined => readable.events(stream).at(-1);

  const readEvent = (stream: string, revision: number): EventRecord | undefined => {
    const page = readStreamForwards(readable, stream, revision, 1, now());
    const [event] = page.kind === 'events' ? page.events : [];
    return event?.revision === revision ? event : undefined;
  };

  const append: EventLogDouble['append'] = (stream, expectedVersion, events) => {
    const ids = events.map(({ id }) => id);
    const check = checkCommit(index, committed, stream, expectedVersion, ids);
    switch (check.kind) {
      case 'deleted':
        return { kind: 'streamDeleted' };
      case 'wrongExpectedVersion':
        return check;
      case 'idempotent': {
        if (readable.lastEventNumber(stream) < check.last) return { kind: 'notReplicated' };
        const position = readEvent(stream, check.last)?.position;
        const revision = check.last;
        return { kind: 'written', revision, ...(position !== undefined && { position }) };
      }
      case 'ok': {
        const undeletes = isMetastream(stream) && index.isSoftDeleted(originalStreamOf(stream));
        let revision = check.current;
        let position = end;
        for (const event of events) position = write(stream, ++revision, event).position;
        // Without events the server writes a record that no reader ever sees.
        if (events.length === 0) end += recordBytes(stream, noEvent);
        if (check.softDeleted) undelete(stream, check.current + 1);
        if (undeletes) {
          const original = originalStreamOf(stream);
          undelete(original, index.lastEventNumber(original) + 1);
        }
        return { kind: 'written', revision, position, ...replicateAll() };
      }
    }
  };

  const deleteStream: EventLogDouble['deleteStream'] = (stream, expectedVersion, how) => {
    const check = checkCommit(index, committed, stream, expectedVersion, [randomUUID()]);
    if (check.kind === 'deleted') return { kind: 'streamDeleted' };
    if (check.kind !== 'ok') {
      return { kind: 'wrongExpectedVersion', current: index.lastEventNumber(stream) };
    }
    if (how === 'withTombstone') {
      const tombstone = { ...noEvent, id: randomUUID(), type: streamDeletedType };
      const { position } = write(stream, deletedStream, tombstone);
      return { kind: 'written', revision: deletedStream, position, ...replicateAll() };
    }
    if (check.current < 0 && index.lastEventNumber(metastreamOf(stream)) < 0) {
      return { kind: 'wrongExpectedVersion', current: expected.noStream };
    }
    const { position } = writeMetadata(stream, softDeleteMetadata());
    return { kind: 'written', revision: check.current, position, ...replicateAll() };
  };

  for (const record of restored) add(record);
  records.push(...pending.splice(0));
  if (systemEvents && records.length === 0) {
    for (const { stream, ...event } of systemEventsOfANewNode()) {
      write(stream, index.lastEventNumber(stream) + 1, event);
    }
    commit(end);
  }

  return {
    records,
    lastPosition: () => records.at(-1)?.position ?? -1,
    append,
    deleteStream,
    lastEventNumber: (stream) => readable.lastEventNumber(stream),
    lastEvent,
    readStreamForwards: (stream, from, count) =>
      readStreamForwards(readable, stream, from, count, now()),
    readStreamBackwards: (stream, from, count) =>
      readStreamBackwards(readable, stream, from, count, now()),
    readAllForwards: (from, size, filter) => readAllForwards(records, from, size, filter),
    readAllBackwards: (from, size, filter) => readAllBackwards(records, from, size, filter),
    isRecordBoundary: (position) => isRecordBoundary(records, position),
    resolve: (record) => resolveLink(record, readEvent),
    onCommitted: (listener) => {
      listeners.add(listener);
      return () => {
        listeners.delete(listener);
      };
    },
  };
};
