import { randomUUID } from 'node:crypto';

import {
  ANY,
  BACKWARDS,
  binaryEvent,
  DeadlineExceededError,
  END,
  jsonEvent,
  MaxAppendSizeExceededError,
  NO_STREAM,
  STREAM_EXISTS,
  StreamDeletedError,
  UnknownError,
  WrongExpectedVersionError,
  type AppendToStreamOptions,
  type EventData,
  type RecordedEvent,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';
import empty from 'google-protobuf/google/protobuf/empty_pb.js';
import timestamps from 'google-protobuf/google/protobuf/timestamp_pb.js';

import { rejection } from '../../../deciders/rejection.js';
import { useDouble } from '../doubleForTests.js';

const played = (): EventData => jsonEvent({ type: 'played', data: { seconds: 90 } });
const mebibyte = 1024 * 1024;

/** Credentials of its own send an append through `Append`; without, it goes by `BatchAppend`. */
const ways: Readonly<Record<string, AppendToStreamOptions>> = {
  BatchAppend: {},
  Append: { credentials: { username: 'admin', password: 'changeit' } },
};

describe('appending to the EventStoreDB double', () => {
  const tested = useDouble();

  for (const [name, way] of Object.entries(ways)) {
    describe(`by ${name}`, () => {
      const newStream = (): string => `films-${randomUUID()}`;
      const append = (stream: string, events: EventData[], options: AppendToStreamOptions = {}) =>
        tested.client.appendToStream(stream, events, { ...way, ...options });

      it('answers with the revision and the position of the last event', async () => {
        const stream = newStream();
        await append(stream, [played()]);
        const answer = await append(stream, [played(), played()]);
        expect(answer).to.include({ success: true, nextExpectedRevision: 2n });
        const last = tested.client.readStream(stream, {
          direction: BACKWARDS,
          fromRevision: END,
          maxCount: 1,
        });
        for await (const { event } of last) expect(event?.position).to.deep.equal(answer.position);
      });

      it('keeps an event as it came, with the time', async () => {
        const stream = newStream();
        const before = Date.now();
        const json = jsonEvent({ type: 'ä', data: { title: 'Сталкер' }, metadata: { by: 'me' } });
        const bytes = Uint8Array.from([0, 255, 128]);
        const binary = binaryEvent({ type: 'b', data: bytes, metadata: Uint8Array.from([1]) });
        await append(stream, [json, binary]);
        const events: (RecordedEvent | undefined)[] = [];
        for await (const { event } of tested.client.readStream(stream)) {
          events.push(event);
          expect(event?.created.getTime()).to.be.within(before, Date.now());
        }
        const [first, second] = events;
        expect(first).to.deep.include({
          streamId: stream,
          id: json.id,
          revision: 0n,
          type: 'ä',
          data: { title: 'Сталкер' },
          metadata: { by: 'me' },
          isJson: true,
        });
        expect(second).to.include({ id: binary.id, revision: 1n, type: 'b', isJson: false });
        expect([...Buffer.from(second?.data as unknown as Uint8Array)]).to.deep.equal([
          0, 255, 128,
        ]);
      });

      it('says which revision was expected, and which there is', async () => {
        const stream = newStream();
        await append(stream, [played(), played()]);
        for (const expectedRevision of [NO_STREAM, 0n, 7n] as const) {
          const error = await rejection(
            append(stream, [played()], { expectedRevision }),
            WrongExpectedVersionError,
          );
          expect(error).to.include({
            streamName: stream,
            expectedVersion: expectedRevision,
            actualVersion: 1n,
          });
        }
      });

      it('says that there is no stream', async () => {
        for (const expectedRevision of [STREAM_EXISTS, 0n] as const) {
          const error = await rejection(
            append(newStream(), [played()], { expectedRevision }),
            WrongExpectedVersionError,
          );
          expect(error).to.include({ expectedVersion: expectedRevision, actualVersion: NO_STREAM });
        }
      });

      for (const expectedRevision of [ANY, NO_STREAM] as const) {
        it(`takes the same append, expecting ${expectedRevision}, for the one it has`, async () => {
          const stream = newStream();
          const events = [played(), played()];
          const first = await append(stream, events, { expectedRevision });
          await append(stream, [played()]);
          expect(await append(stream, events, { expectedRevision })).to.deep.equal(first);
          expect(tested.double.log.lastEventNumber(stream)).to.equal(2);
          await rejection(
            append(stream, [...events, played()], { expectedRevision }),
            WrongExpectedVersionError,
          );
        });
      }

      it('takes an append of nothing', async () => {
        const stream = newStream();
        await append(stream, [played()]);
        expect(await append(stream, [])).to.include({ success: true, nextExpectedRevision: 0n });
      });

      it('says that a stream has ended', async () => {
        const stream = newStream();
        await append(stream, [played()]);
        await tested.client.tombstoneStream(stream);
        const error = await rejection(append(stream, [played()]), StreamDeletedError);
        expect(error.streamName).to.equal(stream);
      });

      it('takes a mebibyte of data, metadata and types in UTF-16, and no more', async () => {
        const stream = newStream();
        const sized = (bytes: number): EventData =>
          binaryEvent({
            type: 'x'.repeat(100),
            data: new Uint8Array(bytes - 300),
            metadata: new Uint8Array(100),
          });
        await append(stream, [sized(mebibyte / 2), sized(mebibyte / 2)]);
        const error = await rejection(
          append(stream, [sized(mebibyte / 2), sized(mebibyte / 2 + 1)]),
          MaxAppendSizeExceededError,
        );
        expect(error.maxAppendSize).to.equal(mebibyte);
        expect(tested.double.log.lastEventNumber(stream)).to.equal(1);
      });

      it('takes ids in any form, and none that is no id', async () => {
        const stream = newStream();
        const id = randomUUID();
        await append(stream, [{ ...played(), id: id.toUpperCase() }]);
        await append(stream, [{ ...played(), id: id.replaceAll('-', '') }]);
        expect(tested.double.log.lastEventNumber(stream)).to.equal(0);
        expect(tested.double.log.lastEvent(stream)?.id).to.equal(id);
        const another = tested.another();
        const bad = { ...played(), id: 'films' };
        await rejection(another.appendToStream(stream, bad, way), UnknownError);
        const none = { ...played(), id: '00000000-0000-0000-0000-000000000000' };
        await rejection(another.appendToStream(stream, none, way), UnknownError);
        await another.dispose();
      });
    });
  }

  it('answers a client that wants no error with the revision that there is', async () => {
    const stream = `films-${randomUUID()}`;
    await tested.client.appendToStream(stream, [played(), played()]);
    const lenient = tested.another(`${tested.double.connectionString}&throwOnAppendFailure=false`);
    const answer = await lenient.appendToStream(stream, played(), {
      expectedRevision: NO_STREAM,
      ...ways.Append,
    });
    expect(answer).to.deep.equal({
      success: false,
      nextExpectedRevision: 1n,
      position: undefined,
    });
  });

  describe('in batches', () => {
    const batch = (
      correlationId: string,
      change: (request: streams.BatchAppendReq, options: streams.BatchAppendReq.Options) => void,
    ): streams.BatchAppendReq => {
      const request = new streams.BatchAppendReq();
      request.setCorrelationId(new shared.UUID().setString(correlationId));
      const options = new streams.BatchAppendReq.Options();
      options.setAny(new empty.Empty());
      const name = Buffer.from(`films-${correlationId}`);
      options.setStreamIdentifier(new shared.StreamIdentifier().setStreamName(name));
      request.setIsFinal(true);
      change(request, options);
      return request;
    };

    const message = (properties: Readonly<Record<string, string>>) => {
      const proposed = new streams.BatchAppendReq.ProposedMessage();
      proposed.setId(new shared.UUID().setString(randomUUID()));
      for (const [key, value] of Object.entries(properties)) {
        proposed.getMetadataMap().set(key, value);
      }
      return proposed;
    };
    const properties = { type: 'played', 'content-type': 'application/json' };

    const answersTo = async (
      ...requests: streams.BatchAppendReq[]
    ): Promise<streams.BatchAppendResp[]> => {
      const call = tested.rpc.batchAppend();
      for (const request of requests) call.write(request);
      call.end();
      const answers: streams.BatchAppendResp[] = [];
      for await (const answer of call as AsyncIterable<streams.BatchAppendResp>) {
        answers.push(answer);
      }
      return answers;
    };

    it('puts those with one correlation id together, and writes them with the last', async () => {
      const stream = `films-${randomUUID()}`;
      const events = Array.from({ length: 100 }, played);
      const answer = await tested.client.appendToStream(stream, events, {
        expectedRevision: NO_STREAM,
        batchAppendSize: 1000,
      });
      expect(answer.nextExpectedRevision).to.equal(99n);
      const written = tested.double.log.records.filter((record) => record.stream === stream);
      expect(written.map(({ id }) => id)).to.deep.equal(events.map(({ id }) => id));
    });

    it('answers many at once, each with its own', async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, (_, stream) =>
          tested.client.appendToStream(`many-${String(stream % 20)}`, played()),
        ),
      );
      expect(new Set(answers.map(({ position }) => position?.commit)).size).to.equal(200);
    });

    it('refuses one whose deadline has passed, and writes nothing', async () => {
      const id = randomUUID();
      const late = batch(id, (request, options) => {
        options.setDeadline(timestamps.Timestamp.fromDate(new Date(Date.now() - 1)));
        request.setOptions(options).setProposedMessagesList([message(properties)]);
      });
      const [answer] = await answersTo(late);
      expect(answer?.getError()?.getMessage()).to.equal('Timeout');
      expect(answer?.getError()?.getCode()).to.equal(status.DEADLINE_EXCEEDED);
      expect(tested.double.log.lastEventNumber(`films-${id}`)).to.equal(-1);
    });

    it('gives one up whose last part does not come before its deadline', async () => {
      const client = tested.another(`${tested.double.connectionString}&defaultDeadline=1`);
      const events = Array.from({ length: 5000 }, played);
      await rejection(
        client.appendToStream('films-late', events, { batchAppendSize: 10_000 }),
        DeadlineExceededError,
      );
      await client.dispose();
    });

    it('says which property an event lacks', async () => {
      const [answer] = await answersTo(
        batch(randomUUID(), (request, options) => {
          request.setOptions(options).setProposedMessagesList([message({ type: 'played' })]);
        }),
      );
      const details = answer?.getError()?.getDetails();
      const refusal = details?.unpack(
        (bytes) => shared.BadRequest.deserializeBinary(bytes),
        'event_store.client.BadRequest',
      );
      expect(refusal?.getMessage()).to.contain('content-type');
    });

    it('answers nothing to parts of an append that it has not seen the beginning of', async () => {
      const id = randomUUID();
      const stray = batch(id, (request) => {
        request.setProposedMessagesList([message(properties)]);
      });
      expect(await answersTo(stray)).to.deep.equal([]);
    });
  });
});
