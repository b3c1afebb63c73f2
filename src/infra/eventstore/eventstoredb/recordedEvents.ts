import { jsonEvent, type EventData, type ResolvedEvent } from '@eventstore/db-client';
import type {
  EventMetadata,
  EventToAppend,
  RecordedEvent,
} from '../../../commands/ports/eventStore.js';

/**
 * What EventStoreDB itself calls these two, so that its projection by correlation id and its console find them
 * (https://developers.eventstore.com/server/v24.10/features/projections/system.html#by-correlation-id).
 */
const conventions: readonly (readonly [ours: string, theirs: string])[] = [
  ['correlationId', '$correlationId'],
  ['causationId', '$causationId'],
];
const theirNames: ReadonlyMap<string, string> = new Map(conventions);
const ourNames: ReadonlyMap<string, string> = new Map(
  conventions.map(([ours, theirs]) => [theirs, ours]),
);
/** When an event that was copied from another log was recorded there: the server stamps times of its own. */
const RECORDED_AT = 'recordedAt';

const renamed = (metadata: object, names: ReadonlyMap<string, string>): Record<string, unknown> =>
  Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [names.get(name) ?? name, value]),
  );

/** An event as the client takes it. @param recordedAt when it was recorded, in a log that it is copied from */
export const proposed = (
  { id, type, data, metadata }: EventToAppend,
  recordedAt?: Date,
): EventData =>
  jsonEvent({
    id,
    type,
    data,
    metadata: {
      ...renamed(metadata, theirNames),
      ...(recordedAt ? { [RECORDED_AT]: recordedAt.toISOString() } : {}),
    },
  });

/** How many bytes an event takes in an append, nearly. */
export const sizeOf = ({ data, metadata, type }: EventData): number =>
  type.length +
  Buffer.byteLength(JSON.stringify(data)) +
  Buffer.byteLength(JSON.stringify(metadata));

/** Where an event stands in the log. In a log written over gRPC the two positions of each event are one. */
export const positionOf = ({ event }: ResolvedEvent): bigint | undefined => event?.position?.commit;

/**
 * An event as the port has it, or `undefined` for what Reellog did not write: system events and those of
 * others, which are told by their streams' names and by what an event of ours has.
 */
export const recorded = (
  { event }: ResolvedEvent,
  streamPrefix: string,
): RecordedEvent | undefined => {
  if (!event?.isJson || event.type.startsWith('$') || !event.streamId.startsWith(streamPrefix)) {
    return undefined;
  }
  const { data } = event;
  const stored: unknown = event.metadata;
  if (!isRecord(data) || !isRecord(stored) || !event.position) return undefined;
  const { [RECORDED_AT]: copiedFrom, ...metadata } = renamed(stored, ourNames);
  if (!isEventMetadata(metadata)) return undefined;
  return {
    stream: event.streamId.slice(streamPrefix.length),
    revision: event.revision,
    position: event.position.commit,
    id: event.id,
    type: event.type,
    data,
    metadata,
    recordedAt: typeof copiedFrom === 'string' ? new Date(copiedFrom) : event.created,
  };
};

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isEventMetadata = (
  metadata: Record<string, unknown>,
): metadata is Record<string, unknown> & EventMetadata =>
  typeof metadata.correlationId === 'string' &&
  typeof metadata.causationId === 'string' &&
  typeof metadata.schemaVersion === 'number';
