import type { EventMetadata, RecordedEvent } from '../../../../commands/ports/eventStore.js';

/** The columns of an event in the order `EventRow` reads them; the moment as milliseconds, cheap to parse. */
export const EVENT_COLUMNS =
  'e.position, e.stream, e.revision, e.id, e.type, e.data, e.metadata, ' +
  '(extract(epoch from e.recorded_at) * 1000)::float8';

export type EventRow = readonly [
  position: bigint,
  stream: string,
  revision: bigint,
  id: string,
  type: string,
  data: Record<string, unknown>,
  metadata: EventMetadata,
  recordedAt: number,
];

export const toRecordedEvent = ([
  position,
  stream,
  revision,
  id,
  type,
  data,
  metadata,
  recordedAt,
]: EventRow): RecordedEvent => ({
  position,
  stream,
  revision,
  id,
  type,
  data,
  metadata,
  recordedAt: new Date(recordedAt),
});
