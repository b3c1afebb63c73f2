import type {
  EventMetadata,
  FoldedEvent,
  RecordedEvent,
} from '../../../../commands/ports/eventStore.js';

const PLACE_AND_DATA = 'e.position, e.stream, e.revision, e.id, e.type, e.data';
/** As milliseconds, cheap to parse. */
const MOMENT = '(extract(epoch from e.recorded_at) * 1000)::float8';

type PlaceAndData = readonly [
  position: bigint,
  stream: string,
  revision: bigint,
  id: string,
  type: string,
  data: Record<string, unknown>,
];

/** The columns of an event in the order `EventRow` reads them. */
export const EVENT_COLUMNS = `${PLACE_AND_DATA}, e.metadata, ${MOMENT}`;

export type EventRow = readonly [...PlaceAndData, metadata: EventMetadata, recordedAt: number];

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
export const FOLDED_COLUMNS = `${PLACE_AND_DATA}, (e.metadata->>'schemaVersion')::int, ${MOMENT}`;

export type FoldedRow = readonly [...PlaceAndData, schemaVersion: number, recordedAt: number];

/**
 * The events of a page, one stream after the other. Those of an owner may all be kept at once, so that what an event
 * has in common with the one before is kept once.
 */
export const toFoldedEvents = (rows: readonly FoldedRow[]): readonly FoldedEvent[] => {
  let last: FoldedEvent | undefined;
  return rows.map(([position, stream, revision, id, type, data, schemaVersion, recordedAt]) => {
    last = {
      position,
      stream: last?.stream === stream ? last.stream : stream,
      revision,
      id,
      type: last?.type === type ? last.type : type,
      data,
      metadata: last?.metadata.schemaVersion === schemaVersion ? last.metadata : { schemaVersion },
      recordedAt: new Date(recordedAt),
    };
    return last;
  });
};
