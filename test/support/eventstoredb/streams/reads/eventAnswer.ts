import streams from '@eventstore/db-client/generated/streams_pb.js';

import { deletedStream, type EventRecord } from '../../log/eventRecord.js';
import type { ResolvedEvent } from '../../log/system/linkTo.js';
import { MessageWriter } from '../messageWriter.js';
import { uuidMessage } from '../uuid.js';

/** How a reader wants ids: as text, or in two halves. */
export type UuidForm = 'string' | 'structured';

/** Field numbers of `ReadResp`, `ReadEvent`, `RecordedEvent`, `UUID`, `StreamIdentifier` and maps. */
const answerFields = { event: 1 } as const;
const readEventFields = { event: 1, link: 2, commitPosition: 3 } as const;
const recordedEventFields = {
  id: 1,
  streamIdentifier: 2,
  streamRevision: 3,
  preparePosition: 4,
  commitPosition: 5,
  metadata: 6,
  customMetadata: 7,
  data: 8,
} as const;
const uuidFields = { string: 2 } as const;
const streamIdentifierFields = { streamName: 3 } as const;
const mapFields = { key: 1, value: 2 } as const;

/** What everything but strings and bytes takes at most, with room to spare. */
const roomForTheRest = 320;

const roomFor = (record: EventRecord | undefined): number =>
  record === undefined
    ? 0
    : record.data.length +
      record.metadata.length +
      3 * (record.stream.length + record.type.length) +
      roomForTheRest;

const writeMapEntry = (writer: MessageWriter, key: string, value: string): void => {
  const { end } = writer;
  writer.text(mapFields.value, value);
  writer.text(mapFields.key, key);
  writer.nested(recordedEventFields.metadata, end);
};

const writeId = (writer: MessageWriter, id: string, form: UuidForm): void => {
  if (form === 'structured') {
    writer.bytes(recordedEventFields.id, uuidMessage(id, form).serializeBinary());
    return;
  }
  const { end } = writer;
  writer.text(uuidFields.string, id);
  writer.nested(recordedEventFields.id, end);
};

const writeRecord = (
  writer: MessageWriter,
  field: number,
  record: EventRecord,
  form: UuidForm,
): void => {
  const fields = recordedEventFields;
  const { end } = writer;
  writer.bytes(fields.data, record.data);
  writer.bytes(fields.customMetadata, record.metadata);
  writeMapEntry(
    writer,
    'content-type',
    record.isJson ? 'application/json' : 'application/octet-stream',
  );
  // In ticks of 100 ns: there are ten thousand in a millisecond.
  writeMapEntry(writer, 'created', `${record.created}0000`);
  writeMapEntry(writer, 'type', record.type);
  writer.integer(fields.commitPosition, record.position);
  writer.integer(fields.preparePosition, record.position);
  if (record.revision === deletedStream) writer.largest(fields.streamRevision);
  else writer.integer(fields.streamRevision, record.revision);
  const streamIdentifier = writer.end;
  writer.text(streamIdentifierFields.streamName, record.stream);
  writer.nested(fields.streamIdentifier, streamIdentifier);
  writeId(writer, record.id, form);
  writer.nested(field, end);
};

/** An answer that is written already. The generated code takes four times as long for one. */
class WrittenAnswer extends streams.ReadResp {
  readonly #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    super();
    this.#bytes = bytes;
  }

  override serializeBinary(): Uint8Array {
    return this.#bytes;
  }
}

/** An event as reads and subscriptions send it: `ResponseConverter.ConvertToReadEvent`. */
export const eventAnswer = ({ event, link }: ResolvedEvent, form: UuidForm): streams.ReadResp => {
  const writer = new MessageWriter(roomFor(event) + roomFor(link));
  const { end } = writer;
  // An event that a link led to is where the link is.
  const position = (link ?? event)?.position;
  if (position !== undefined) writer.integer(readEventFields.commitPosition, position);
  if (link !== undefined) writeRecord(writer, readEventFields.link, link, form);
  if (event !== undefined) writeRecord(writer, readEventFields.event, event, form);
  writer.nested(answerFields.event, end);
  return new WrittenAnswer(writer.written);
};
