import type { RecordedEvent } from '../../commands/ports/eventStore.js';
import type { EventType } from '../../domain/eventType.js';
import { eventTypes } from '../../domain/eventTypes.js';
import { eventLayout, type Row } from './eventLayout.js';
import { snakeCase, type Column, type Table } from './table.js';

/** A table of events. */
export interface EventTable extends Table {
  /** The events that are its rows; all when absent. */
  readonly type?: string;
  rowOf(event: RecordedEvent): Row;
}

/** What every event has, in every table of events. */
export const commonColumns: readonly Column[] = [
  { name: 'position', type: 'BIGINT' },
  { name: 'stream', type: 'VARCHAR' },
  { name: 'revision', type: 'BIGINT' },
  { name: 'id', type: 'UUID' },
  { name: 'type', type: 'VARCHAR' },
  { name: 'recorded_at', type: 'TIMESTAMPTZ' },
  { name: 'correlation_id', type: 'VARCHAR' },
  { name: 'causation_id', type: 'VARCHAR' },
  { name: 'actor_id', type: 'UUID' },
  { name: 'schema_version', type: 'INTEGER' },
];

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const commonRow = ({ metadata, ...event }: RecordedEvent): Row => ({
  // Text, as `reellog events` has them: they may outgrow a JSON number.
  position: event.position.toString(),
  stream: event.stream,
  revision: event.revision.toString(),
  id: event.id,
  type: event.type,
  recorded_at: event.recordedAt.toISOString(),
  correlation_id: metadata.correlationId,
  causation_id: metadata.causationId,
  // Whoever else writes to a shared log may name its actors otherwise; `metadata` says how.
  ...(metadata.userId !== undefined && UUID.test(metadata.userId)
    ? { actor_id: metadata.userId }
    : {}),
  schema_version: metadata.schemaVersion,
});

/** Every event whatever its type, with its data and metadata as they are. */
const allEvents: EventTable = {
  name: 'events',
  columns: [...commonColumns, { name: 'data', type: 'JSON' }, { name: 'metadata', type: 'JSON' }],
  rowOf: (event) => ({ ...commonRow(event), data: event.data, metadata: event.metadata }),
};

const tableOf = ([type, { schema }]: readonly [string, EventType]): EventTable => {
  const layout = eventLayout(schema);
  return {
    name: snakeCase(type),
    type,
    columns: [...commonColumns, ...layout.columns],
    rowOf: (event) => {
      const row = commonRow(event);
      layout.fill(row, event.data);
      return row;
    },
  };
};

/** All events in one table, and those of each type in one of their own. */
export const eventTables: readonly EventTable[] = [
  allEvents,
  ...Object.entries<EventType>(eventTypes).map(tableOf),
];
