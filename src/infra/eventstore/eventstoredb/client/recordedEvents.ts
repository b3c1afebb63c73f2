import type { EventData, ResolvedEvent } from '@eventstore/db-client';
import type {
  EventMetadata,
  EventToAppend,
  RecordedEvent,
} from '../../../../commands/ports/eventStore.js';
import { isRecord } from '../../../../domain/record.js';
import { BETWEEN_TEXTS, type UnparsedEvent } from './unparsedEvents.js';

/** When an event that was copied from another log was recorded there: the server stamps times of its own. */
const RECORDED_AT = 'recordedAt';

/**
 * Correlation and causation have the names that EventStoreDB itself gives them, so that its projection by
 * correlation id and its console find them
 * (https://developers.eventstore.com/server/v24.10/features/projections/system.html#by-correlation-id).
 */
const stored = (
  { correlationId, causationId, ...others }: EventMetadata,
  recordedAt: Date | undefined,
): Record<string, unknown> => ({
  $correlationId: correlationId,
  $causationId: causationId,
  ...others,
  ...(recordedAt && { [RECORDED_AT]: recordedAt.toISOString() }),
});

/** An event as the client takes it, made without the client, which few commands load. @param recordedAt when it was recorded, in a log that it is copied from */
export const proposed = (
  { id, type, data, metadata }: EventToAppend,
  recordedAt?: Date,
): EventData => ({
  id,
  type,
  data,
  contentType: 'application/json',
  metadata: stored(metadata, recordedAt),
});

/** How many characters a value takes as JSON, nearly, and at little cost. */
export const sizeOf = (value: unknown): number => {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object' || value === null) return 5;
  let size = 2;
  for (const [name, member] of Object.entries(value)) size += name.length + 4 + sizeOf(member);
  return size;
};

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
  const data: unknown = event?.data;
  return isRecord(data) ? withData(event, streamPrefix, data) : undefined;
};

/** The same of a subscription that leaves data as text: it begins like an object and may be none. */
export const unparsed = (
  { event }: ResolvedEvent,
  streamPrefix: string,
): UnparsedEvent | undefined => {
  const given: unknown = event?.data;
  // A later client may have parsed it all the same.
  const data = isRecord(given) ? JSON.stringify(given) : given;
  if (typeof data !== 'string' || data.includes(BETWEEN_TEXTS)) return undefined;
  return data.trimStart().startsWith('{') ? withData(event, streamPrefix, data) : undefined;
};

const withData = <Data>(
  event: ResolvedEvent['event'],
  streamPrefix: string,
  data: Data,
): (Omit<RecordedEvent, 'data'> & { readonly data: Data }) | undefined => {
  if (!event?.isJson || event.type.startsWith('$') || !event.streamId.startsWith(streamPrefix)) {
    return undefined;
  }
  const found = event.position && metadataIn(event.metadata);
  if (!event.position || !found) return undefined;
  const { metadata, copiedFrom } = found;
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

const metadataIn = (
  found: unknown,
): { readonly metadata: EventMetadata; readonly copiedFrom: unknown } | undefined => {
  if (!isRecord(found)) return undefined;
  const {
    $correlationId: correlationId,
    $causationId: causationId,
    [RECORDED_AT]: copiedFrom,
    schemaVersion,
    ...others
  } = found;
  if (typeof correlationId !== 'string' || typeof causationId !== 'string') return undefined;
  if (typeof schemaVersion !== 'number') return undefined;
  return { metadata: { correlationId, causationId, schemaVersion, ...others }, copiedFrom };
};
