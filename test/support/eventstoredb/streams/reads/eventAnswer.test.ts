import streams from '@eventstore/db-client/generated/streams_pb.js';
import { expect } from 'chai';
import fc from 'fast-check';

import { deletedStream, int64, type EventRecord } from '../../log/eventRecord.js';
import type { ResolvedEvent } from '../../log/system/linkTo.js';
import { eventAnswer, type UuidForm } from './eventAnswer.js';
import { uuidOf } from '../uuid.js';

const names = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 300 });
const bytes = fc.uint8Array({ maxLength: 70_000 });
const offsets = fc.maxSafeNat();

const records: fc.Arbitrary<EventRecord> = fc.record({
  id: fc.uuid(),
  stream: names,
  type: names,
  isJson: fc.boolean(),
  data: bytes,
  metadata: bytes,
  position: offsets,
  end: offsets,
  revision: fc.oneof(offsets, fc.constant(deletedStream)),
  created: fc.integer({ min: 1, max: 4_102_444_800_000 }),
});

const events: fc.Arbitrary<ResolvedEvent> = fc.oneof(
  fc.record({ event: records }),
  fc.record({ link: records }),
  fc.record({ event: records, link: records }),
);

const forms = fc.constantFrom<UuidForm>('string', 'structured');

/** What the client's generated code reads. */
const readBack = (record: streams.ReadResp.ReadEvent.RecordedEvent | undefined): unknown =>
  record && {
    id: uuidOf(record.getId()),
    isText: record.getId()?.hasString(),
    stream: Buffer.from(record.getStreamIdentifier()?.getStreamName_asU8() ?? []).toString(),
    revision: record.getStreamRevision(),
    prepare: record.getPreparePosition(),
    commit: record.getCommitPosition(),
    properties: new Map(record.getMetadataMap().getEntryList()),
    data: Buffer.from(record.getData_asU8()),
    metadata: Buffer.from(record.getCustomMetadata_asU8()),
  };

const expectation = (record: EventRecord | undefined, form: UuidForm): unknown =>
  record && {
    id: record.id,
    isText: form === 'string',
    stream: record.stream,
    revision: int64(record.revision),
    prepare: String(record.position),
    commit: String(record.position),
    properties: new Map([
      ['type', record.type],
      ['created', String(BigInt(record.created) * 10_000n)],
      ['content-type', record.isJson ? 'application/json' : 'application/octet-stream'],
    ]),
    data: Buffer.from(record.data),
    metadata: Buffer.from(record.metadata),
  };

describe('an event that the EventStoreDB double sends', () => {
  it('is read by the client’s generated code as what it is', () => {
    fc.assert(
      fc.property(events, forms, (event, form) => {
        const written = eventAnswer(event, form).serializeBinary();
        const answer = streams.ReadResp.deserializeBinary(written).getEvent();
        expect(readBack(answer?.getEvent())).to.deep.equal(expectation(event.event, form));
        expect(readBack(answer?.getLink())).to.deep.equal(expectation(event.link, form));
        const original = event.link ?? event.event;
        expect(answer?.getCommitPosition()).to.equal(String(original?.position));
      }),
    );
  });
});
