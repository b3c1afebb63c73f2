import type { ProposedEvent } from '../../log/eventRecord.js';
import type shared from '@eventstore/db-client/generated/shared_pb.js';
import { ServerException } from '../rpcErrors.js';
import { uuidOf } from '../uuid.js';

/** What both ways of appending say of an event. */
interface ProposedMessage {
  getId(): shared.UUID | undefined;
  getMetadataMap(): { get(key: string): string | undefined };
  getData_asU8(): Uint8Array;
  getCustomMetadata_asU8(): Uint8Array;
}

const emptyId = '00000000-0000-0000-0000-000000000000';
const noBytes = new Uint8Array();

/** The properties that an event must have, and does not have. */
export const missingProperties = (message: ProposedMessage): readonly string[] =>
  ['type', 'content-type'].filter((key) => message.getMetadataMap().get(key) === undefined);

/** Reads an event as `Streams.Append` and `Event`'s constructor do, which throw what is thrown here. */
export const proposedEvent = (message: ProposedMessage): ProposedEvent => {
  const id = uuidOf(message.getId());
  const properties = message.getMetadataMap();
  const type = properties.get('type') ?? '';
  if (id === emptyId) throw new ServerException("Empty eventId provided. (Parameter 'eventId')");
  if (type === '') throw new ServerException("Empty eventType provided. (Parameter 'eventType')");
  const metadata = message.getCustomMetadata_asU8();
  return {
    id,
    type,
    isJson: properties.get('content-type') === 'application/json',
    data: message.getData_asU8(),
    metadata: metadata.length === 0 ? noBytes : metadata,
  };
};

/** How much of an append an event takes: `Event.SizeOnDisk`. */
export const sizeOnDisk = ({ type, data, metadata }: ProposedEvent): number =>
  data.length + metadata.length + 2 * type.length;
