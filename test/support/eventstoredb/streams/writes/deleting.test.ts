import { randomUUID } from 'node:crypto';

import {
  AccessDeniedError,
  jsonEvent,
  NO_STREAM,
  NotLeaderError,
  StreamDeletedError,
  StreamNotFoundError,
  WrongExpectedVersionError,
  type EventData,
  type StreamMetadata,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';

import { rejection } from '../../../deciders/rejection.js';
import { useDouble } from '../doubleForTests.js';

const played = (): EventData => jsonEvent({ type: 'played', data: { seconds: 90 } });

describe('streams of the EventStoreDB double', () => {
  const tested = useDouble();
  const newStream = async (events: number): Promise<string> => {
    const stream = `films-${randomUUID()}`;
    const all = Array.from({ length: events }, played);
    if (events > 0) await tested.client.appendToStream(stream, all);
    return stream;
  };

  const revisions = async (stream: string): Promise<number[]> => {
    const read: number[] = [];
    for await (const { event } of tested.client.readStream(stream)) {
      read.push(Number(event?.revision));
    }
    return read;
  };

  describe('deleted', () => {
    it('are not found, and answer where that is in the log', async () => {
      const stream = await newStream(3);
      const { position } = await tested.client.deleteStream(stream);
      expect(position?.commit).to.equal(BigInt(tested.double.log.lastPosition()));
      await rejection(revisions(stream), StreamNotFoundError);
    });

    it('go on with their numbers when they are written again', async () => {
      const stream = await newStream(3);
      await tested.client.deleteStream(stream, { expectedRevision: 2n });
      const answer = await tested.client.appendToStream(stream, [played(), played()], {
        expectedRevision: NO_STREAM,
      });
      expect(answer.nextExpectedRevision).to.equal(4n);
      expect(await revisions(stream)).to.deep.equal([3, 4]);
      const { metadata } = await tested.client.getStreamMetadata(stream);
      expect(metadata).to.deep.equal({ truncateBefore: 3 });
    });

    it('must be at the revision expected, or there', async () => {
      const stream = await newStream(3);
      for (const expectedRevision of [1n, NO_STREAM] as const) {
        const error = await rejection(
          tested.client.deleteStream(stream, { expectedRevision }),
          WrongExpectedVersionError,
        );
        const expectedVersion = expectedRevision === NO_STREAM ? -1n : expectedRevision;
        expect(error).to.include({ streamName: stream, expectedVersion, actualVersion: 2n });
        expect(error.code).to.equal(status.FAILED_PRECONDITION);
      }
      const nowhere = await newStream(0);
      const error = await rejection(tested.client.deleteStream(nowhere), WrongExpectedVersionError);
      expect(error.actualVersion).to.equal(-1n);
    });

    it('can be there by their metadata alone', async () => {
      const stream = await newStream(0);
      await tested.client.setStreamMetadata(stream, { maxCount: 5 });
      await tested.client.deleteStream(stream, { expectedRevision: NO_STREAM });
      await rejection(revisions(stream), StreamNotFoundError);
    });

    it('can be expected to be there, which the client does not know how to say', async () => {
      const stream = await newStream(1);
      const request = new streams.DeleteReq().setOptions(
        new streams.DeleteReq.Options()
          .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(stream)))
          .setStreamExists(new shared.Empty()),
      );
      const position = await new Promise<string | undefined>((resolve, reject) => {
        tested.rpc.delete(request, (error, answer) => {
          if (error === null) resolve(answer.getPosition()?.getCommitPosition());
          else reject(error);
        });
      });
      expect(position).to.equal(String(tested.double.log.lastPosition()));
    });
  });

  describe('with a tombstone', () => {
    it('have ended for good, with their metadata', async () => {
      const stream = await newStream(3);
      await tested.client.setStreamMetadata(stream, { maxCount: 5 });
      const { position } = await tested.client.tombstoneStream(stream);
      expect(position?.commit).to.equal(BigInt(tested.double.log.lastPosition()));
      const attempts = [
        () => revisions(stream),
        () => tested.client.getStreamMetadata(stream),
        () => tested.client.setStreamMetadata(stream, {}),
        () => tested.client.deleteStream(stream),
        () => tested.client.tombstoneStream(stream),
      ];
      for (const attempt of attempts) await rejection(attempt(), StreamDeletedError);
    });

    it('need not have been there', async () => {
      const stream = await newStream(0);
      await tested.client.tombstoneStream(stream, { expectedRevision: NO_STREAM });
      await rejection(revisions(stream), StreamDeletedError);
    });

    it('must be at the revision expected', async () => {
      const stream = await newStream(3);
      const error = await rejection(
        tested.client.tombstoneStream(stream, { expectedRevision: 5n }),
        WrongExpectedVersionError,
      );
      expect(error).to.include({ expectedVersion: 5n, actualVersion: 2n });
      expect(await revisions(stream)).to.deep.equal([0, 1, 2]);
    });
  });

  describe('with metadata', () => {
    it('keep what was set last, and nothing before anything was', async () => {
      const stream = await newStream(1);
      expect((await tested.client.getStreamMetadata(stream)).metadata).to.equal(undefined);
      const metadata: StreamMetadata<{ colour: string }> = {
        maxAge: 60,
        maxCount: 12,
        cacheControl: 15,
        truncateBefore: 1,
        acl: { readRoles: ['admin'], writeRoles: ['admin'], deleteRoles: ['admin'] },
        colour: 'röt',
      };
      await tested.client.setStreamMetadata(stream, { maxCount: 1 });
      await tested.client.setStreamMetadata(stream, metadata);
      const kept = await tested.client.getStreamMetadata(stream);
      expect(kept.metadata).to.deep.equal(metadata);
      // The client takes the position for the revision.
      expect(kept.metastreamRevision).to.equal(BigInt(tested.double.log.lastPosition()));
    });

    it('show as many events as these allow', async () => {
      const stream = await newStream(9);
      await tested.client.setStreamMetadata(stream, { maxCount: 4 });
      expect(await revisions(stream)).to.deep.equal([5, 6, 7, 8]);
      await tested.client.setStreamMetadata(stream, { maxCount: 4, truncateBefore: 7 });
      expect(await revisions(stream)).to.deep.equal([7, 8]);
      await tested.client.setStreamMetadata(stream, { maxAge: 3600 });
      expect(await revisions(stream)).to.have.length(9);
    });

    it('are written at a revision of their own', async () => {
      const stream = await newStream(3);
      await tested.client.setStreamMetadata(stream, {}, { expectedRevision: NO_STREAM });
      await tested.client.setStreamMetadata(stream, {}, { expectedRevision: 0n });
      const error = await rejection(
        tested.client.setStreamMetadata(stream, {}, { expectedRevision: 0n }),
        WrongExpectedVersionError,
      );
      expect(error).to.include({ streamName: `$$${stream}`, actualVersion: 1n });
    });
  });
});

describe('an EventStoreDB double with ACLs', () => {
  const credentials = { username: 'viewer', password: 'secret' };
  const tested = useDouble({
    tls: true,
    users: [{ name: 'viewer', password: 'secret', groups: [] }],
  });

  it('lets nobody write or delete who may not', async () => {
    await tested.client.appendToStream('films', [played()]);
    const attempts = [
      () => tested.client.appendToStream('films', played(), { credentials }),
      () => tested.client.deleteStream('films', { credentials }),
      () => tested.client.tombstoneStream('films', { credentials }),
    ];
    await tested.client.setStreamMetadata('films', {
      acl: { writeRoles: ['$admins'], deleteRoles: ['$admins'] },
    });
    for (const attempt of attempts) await rejection(attempt(), AccessDeniedError);
    const { connectionString } = tested.double;
    const client = tested.another(connectionString.replace('admin:changeit', 'viewer:secret'));
    await rejection(client.appendToStream('films', played()), AccessDeniedError);
    expect(tested.double.log.lastEventNumber('films')).to.equal(0);
  });
});

describe('a follower of an EventStoreDB double', () => {
  const tested = useDouble({ nodes: 3 });

  it('sends whoever wants the leader on to it, whatever is asked', async () => {
    const follower = tested.double.nodes.find(({ isLeader }) => !isLeader);
    const options = { requiresLeader: true };
    const read = async (events: AsyncIterable<unknown>): Promise<void> => {
      for await (const event of events) expect(event).to.equal('never');
    };
    for (const attempt of [
      () => tested.another(follower?.connectionString).appendToStream('films', played(), options),
      () => tested.another(follower?.connectionString).deleteStream('films', options),
      () => tested.another(follower?.connectionString).tombstoneStream('films', options),
      () => read(tested.another(follower?.connectionString).readStream('films', options)),
      () => read(tested.another(follower?.connectionString).readAll(options)),
      () => read(tested.another(follower?.connectionString).subscribeToAll(options)),
    ]) {
      const error = await rejection(attempt(), NotLeaderError);
      expect(error.leader.port).to.equal(tested.double.leader()?.port);
    }
  });

  it('passes on what others write', async () => {
    const follower = tested.double.nodes.find(({ isLeader }) => !isLeader);
    const client = tested.another(follower?.connectionString);
    await client.appendToStream('films', played(), { requiresLeader: false });
    expect(tested.double.log.lastEventNumber('films')).to.equal(0);
  });
});
