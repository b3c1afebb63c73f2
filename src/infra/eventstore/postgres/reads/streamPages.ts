import type {
  ReadByStreamOptions,
  RecordedEvent,
  StreamEnd,
  StreamsPage,
} from '../../../../commands/ports/eventStore.js';
import type { Database } from '../../../postgres/database.js';
import { byStream } from '../../../../domain/byStream.js';
import {
  EVENT_COLUMNS,
  FOLDED_COLUMNS,
  toFoldedEvents,
  toRecordedEvent,
  type EventRow,
  type FoldedRow,
} from './eventRows.js';
import type { LogTables } from '../logTables.js';
import { asEventStoreError } from '../storeErrors.js';

const DEFAULT_COUNT = 1_000;

/** See `EventStore.readBefore`. */
export const readBefore = async (
  database: Database,
  { schema }: LogTables,
  ends: readonly StreamEnd[],
  upTo?: bigint,
): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> => {
  if (ends.length === 0) return new Map();
  try {
    const rows = await database.query<EventRow>({
      name: `${schema}.read_before`,
      // By events_stream_revision, once for each stream.
      text: `
        select ${EVENT_COLUMNS}
        from unnest($1::text[], $2::bigint[]) as wanted (stream, behind)
        cross join lateral (
          select * from ${schema}.events e
          where e.stream = wanted.stream collate "C" and e.revision < wanted.behind
            and ($3::bigint is null or e.position <= $3)
          -- Kept apart from the rest of the plan: the planner takes every stream for a large part of the log.
          offset 0
        ) e
        order by e.stream, e.revision`,
      values: [ends.map(({ stream }) => stream), ends.map((end) => end.revision), upTo ?? null],
      rowMode: 'array',
    });
    return byStream(rows.map(toRecordedEvent));
  } catch (error) {
    throw asEventStoreError(error);
  }
};

/** See `EventStore.readByStream`. */
export const readByStream = async (
  database: Database,
  { schema }: LogTables,
  { prefix, after, upTo, types, maxCount = DEFAULT_COUNT }: ReadByStreamOptions,
): Promise<StreamsPage> => {
  try {
    const rows = await database.query<FoldedRow>({
      name: `${schema}.read_by_stream`,
      // By events_stream_revision: "C" collation orders by bytes.
      text: `
        select ${FOLDED_COLUMNS}
        from ${schema}.events e
        where (e.stream, e.revision) > ($1 collate "C", $2::bigint) and e.stream < $3 collate "C"
          and e.position <= $4 and e.type = any($5)
        order by e.stream, e.revision limit $6`,
      values: [
        ...[after?.stream ?? prefix, after?.revision ?? -1n, behindPrefix(prefix)],
        ...[upTo, types, maxCount],
      ],
      rowMode: 'array',
    });
    const events = toFoldedEvents(rows);
    const last = events.at(-1);
    return {
      events,
      ...(last && events.length === maxCount
        ? { next: { stream: last.stream, revision: last.revision } }
        : {}),
    };
  } catch (error) {
    throw asEventStoreError(error);
  }
};

/** What comes right after everything that begins so. */
export const behindPrefix = (prefix: string): string => {
  const last = prefix.charCodeAt(prefix.length - 1);
  return prefix.slice(0, -1) + String.fromCharCode(last + 1);
};
