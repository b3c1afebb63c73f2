import type {
  EventMetadata,
  FoldedEvent,
  RecordedEvent,
} from '../../../../commands/ports/eventStore.js';

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

/** The columns of an event in the order `FoldedRow` reads them. */
export const FOLDED_COLUMNS =
  "e.position, e.stream, e.revision, e.id, e.type, e.data, (e.metadata->>'schemaVersion')::int, " +
  '(extract(epoch from e.recorded_at) * 1000)::float8';

export type FoldedRow = readonly [
  position: bigint,
  stream: string,
  revision: bigint,
  id: string,
  type: string,
  data: Record<string, unknown>,
  schemaVersion: number,
  recordedAt: number,
];

/** Ids in the data that most events of a page share. */
const SHARED_IDS = ['userId', 'titleId'] as const;

/**
 * The events of a page. All events of an owner may be kept at once, so that a text which many of them share, such as
 * the stream's name, is kept once.
 */
export const toFoldedEvents = (rows: readonly FoldedRow[]): readonly FoldedEvent[] => {
  const texts = new Map<string, string>();
  const shared = (text: string): string => {
    const known = texts.get(text);
    if (known === undefined) texts.set(text, text);
    return known ?? text;
  };
  const metadata = new Map<number, FoldedEvent['metadata']>();
  return rows.map(([position, stream, revision, id, type, data, schemaVersion, recordedAt]) => {
    for (const name of SHARED_IDS) {
      const value = data[name];
      if (typeof value === 'string') data[name] = shared(value);
    }
    const known = metadata.get(schemaVersion) ?? { schemaVersion };
    metadata.set(schemaVersion, known);
    return {
      ...{ position, stream: shared(stream), revision, id, type: shared(type), data },
      metadata: known,
      recordedAt: new Date(recordedAt),
    };
  });
};
