import { randomUUID } from 'node:crypto';

import {
  BACKWARDS,
  binaryEvent,
  END,
  FORWARDS,
  jsonEvent,
  StreamDeletedError,
  StreamNotFoundError,
  UnknownError,
  type Direction,
  type EventData,
  type Position,
  type ResolvedEvent,
} from '@eventstore/db-client';
import shared from '@eventstore/db-client/generated/shared_pb.js';
import streams from '@eventstore/db-client/generated/streams_pb.js';
import { status } from '@grpc/grpc-js';
import { expect } from 'chai';

import { rejection } from '../../../deciders/rejection.js';
import { useDouble } from '../doubleForTests.js';
import { uuidOf } from '../uuid.js';

const played = (): EventData => jsonEvent({ type: 'played', data: { seconds: 90 } });

const collect = async (events: AsyncIterable<ResolvedEvent>): Promise<ResolvedEvent[]> => {
  const read: ResolvedEvent[] = [];
  for await (const event of events) read.push(event);
  return read;
};

const revisions = async (events: AsyncIterable<ResolvedEvent>): Promise<number[]> =>
  (await collect(events)).map(({ event }) => Number(event?.revision));

const upTo = (count: number): number[] => Array.from({ length: count }, (_, number) => number);

describe('reading from the EventStoreDB double', () => {
  const tested = useDouble();
  let stream = '';
  let position: Position = { commit: 0n, prepare: 0n };

  before(async () => {
    stream = `films-${randomUUID()}`;
    await tested.client.appendToStream(stream, upTo(50).map(played));
    const answer = await tested.client.appendToStream(stream, upTo(50).map(played));
    position = answer.position ?? position;
  });

  describe('a stream', () => {
    it('goes forwards from the start, over many pages', async () => {
      expect(await revisions(tested.client.readStream(stream))).to.deep.equal(upTo(100));
    });

    it('goes backwards from the end', async () => {
      const read = tested.client.readStream(stream, { direction: BACKWARDS, fromRevision: END });
      expect(await revisions(read)).to.deep.equal(upTo(100).reverse());
    });

    it('begins with the revision asked for', async () => {
      const forwards = tested.client.readStream(stream, { fromRevision: 97n });
      expect(await revisions(forwards)).to.deep.equal([97, 98, 99]);
      const backwards = tested.client.readStream(stream, {
        direction: BACKWARDS,
        fromRevision: 2n,
      });
      expect(await revisions(backwards)).to.deep.equal([2, 1, 0]);
    });

    it('ends after as many events as were asked for', async () => {
      const read = tested.client.readStream(stream, { maxCount: 40 });
      expect(await revisions(read)).to.deep.equal(upTo(40));
    });

    it('gives every event its position', async () => {
      const [last] = await collect(
        tested.client.readStream(stream, {
          direction: BACKWARDS,
          fromRevision: END,
          maxCount: 1,
        }),
      );
      expect(last?.event?.position).to.deep.equal(position);
      expect(last?.commitPosition).to.equal(position.commit);
    });

    it('is not found when it is not there', async () => {
      const error = await rejection(
        revisions(tested.client.readStream('no-films')),
        StreamNotFoundError,
      );
      expect(error.streamName).to.equal('no-films');
    });

    it('is an error once it has a tombstone', async () => {
      const deleted = `films-${randomUUID()}`;
      await tested.client.appendToStream(deleted, played());
      await tested.client.tombstoneStream(deleted);
      const error = await rejection(
        revisions(tested.client.readStream(deleted)),
        StreamDeletedError,
      );
      expect(error).to.include({ streamName: deleted, code: status.FAILED_PRECONDITION });
    });

    it('cannot be read forwards from its end', async () => {
      const read = tested.client.readStream(stream, { fromRevision: END });
      const error = await rejection(revisions(read), UnknownError);
      expect(error.code).to.equal(status.UNKNOWN);
    });
  });

  describe('a link', () => {
    let links = '';

    before(async () => {
      links = `links-${randomUUID()}`;
      const linkTo = (target: string) =>
        binaryEvent({
          type: '$>',
          data: Buffer.from(target),
          metadata: Buffer.from('{"by":"me"}'),
        });
      await tested.client.appendToStream(links, [
        linkTo(`7@${stream}`),
        linkTo(`700@${stream}`),
        linkTo('no link'),
      ]);
    });

    it('is shown as it is when nothing else is asked', async () => {
      const [link] = await collect(tested.client.readStream(links));
      expect(link?.event).to.include({ type: '$>', streamId: links, revision: 0n });
      expect(link?.link).to.equal(undefined);
    });

    it('is followed when asked, and shown beside its event', async () => {
      const read = tested.client.readStream(links, { resolveLinkTos: true });
      const [followed, dangling, none] = await collect(read);
      expect(followed?.event).to.include({ type: 'played', streamId: stream, revision: 7n });
      expect(followed?.link).to.include({ type: '$>', streamId: links, revision: 0n });
      expect(followed?.commitPosition).to.equal(followed?.link?.position?.commit);
      expect(dangling?.event).to.equal(undefined);
      expect(dangling?.link).to.include({ type: '$>', revision: 1n });
      expect(none?.event).to.include({ type: '$>', revision: 2n });
    });

    it('is followed in $all too', async () => {
      const [link] = await collect(tested.client.readStream(links, { maxCount: 1 }));
      const [followed] = await collect(
        tested.client.readAll({
          fromPosition: link?.event?.position ?? END,
          maxCount: 1,
          resolveLinkTos: true,
        }),
      );
      expect(followed?.event).to.include({ streamId: stream, revision: 7n });
    });
  });

  describe('$all', () => {
    it('goes forwards from the start, with system events but not the epochs', async () => {
      const all = await collect(tested.client.readAll());
      const names = all.map(({ event }) => event?.streamId ?? '');
      expect(names).to.include.members(['$user-admin', '$users', stream]);
      expect(names).not.to.include('$epoch-information');
      const positions = all.map(({ event }) => event?.position?.commit ?? 0n);
      expect(positions).to.deep.equal(positions.toSorted((a, b) => Number(a - b)));
      expect(new Set(positions).size).to.equal(positions.length);
    });

    it('goes backwards from the end', async () => {
      const forwards = await collect(tested.client.readAll());
      const backwards = tested.client.readAll({ direction: BACKWARDS, fromPosition: END });
      expect(await collect(backwards)).to.deep.equal(forwards.toReversed());
    });

    it('begins with the event at the position forwards, and before it backwards', async () => {
      const [at] = await collect(tested.client.readAll({ fromPosition: position, maxCount: 1 }));
      expect(at?.event).to.include({ streamId: stream, revision: 99n });
      const [before] = await collect(
        tested.client.readAll({ direction: BACKWARDS, fromPosition: position, maxCount: 1 }),
      );
      expect(before?.event).to.include({ streamId: stream, revision: 98n });
    });

    it('ends after as many events as were asked for', async () => {
      expect(await collect(tested.client.readAll({ maxCount: 40 }))).to.have.length(40);
    });

    it('has nothing after its end', async () => {
      expect(await collect(tested.client.readAll({ fromPosition: END }))).to.deep.equal([]);
    });

    it('cannot be read from the middle of a record', async () => {
      const middle = { commit: position.commit - 3n, prepare: position.prepare - 3n };
      const fails = async (fromPosition: Position, direction: Direction): Promise<string> => {
        const reading = collect(tested.client.readAll({ fromPosition, direction }));
        return (await rejection(reading, UnknownError)).message;
      };
      for (const direction of [FORWARDS, BACKWARDS] as const) {
        expect(await fails(middle, direction)).to.include('Unexpected ReadAllResult: Error');
      }
      const behindAll = { commit: position.commit * 2n, prepare: position.prepare * 2n };
      expect(await fails(behindAll, BACKWARDS)).to.include('Unexpected ReadAllResult: Error');
      expect(await collect(tested.client.readAll({ fromPosition: behindAll }))).to.deep.equal([]);
      const halves = { commit: position.commit, prepare: position.commit + 1n };
      expect(await fails(halves, FORWARDS)).to.include('Exception was thrown by handler.');
    });
  });

  describe('as no client of today asks', () => {
    type Options = streams.ReadReq.Options;
    const { FORWARDS, BACKWARDS: BACK } = streams.ReadReq.Options.ReadDirection;

    const answersTo = async (
      change: (options: Options) => unknown,
    ): Promise<streams.ReadResp[]> => {
      const options = new streams.ReadReq.Options();
      options.setNoFilter(new shared.Empty());
      options.setCount('1000');
      options.setUuidOption(new streams.ReadReq.Options.UUIDOption().setString(new shared.Empty()));
      change(options);
      const answers: streams.ReadResp[] = [];
      const call = tested.rpc.read(new streams.ReadReq().setOptions(options));
      for await (const answer of call as AsyncIterable<streams.ReadResp>) answers.push(answer);
      return answers;
    };

    const streamOptions = (name: string): streams.ReadReq.Options.StreamOptions =>
      new streams.ReadReq.Options.StreamOptions()
        .setStreamIdentifier(new shared.StreamIdentifier().setStreamName(Buffer.from(name)))
        .setStart(new shared.Empty());

    const allFromStart = (): streams.ReadReq.Options.AllOptions =>
      new streams.ReadReq.Options.AllOptions().setStart(new shared.Empty());

    const filtered = (): streams.ReadReq.Options.FilterOptions =>
      new streams.ReadReq.Options.FilterOptions()
        .setStreamIdentifier(
          new streams.ReadReq.Options.FilterOptions.Expression().setPrefixList([stream]),
        )
        .setCount(new shared.Empty());

    it('gives ids in two halves', async () => {
      const answers = await answersTo((options) => {
        options.setStream(streamOptions(stream));
        options.setUuidOption(
          new streams.ReadReq.Options.UUIDOption().setStructured(new shared.Empty()),
        );
      });
      const ids = answers.map((answer) => answer.getEvent()?.getEvent()?.getId());
      expect(ids.every((id) => id?.hasStructured())).to.equal(true);
      const written = tested.double.log.records.filter((record) => record.stream === stream);
      expect(ids.map((id) => uuidOf(id))).to.deep.equal(written.map(({ id }) => id));
    });

    it('reads $all through a filter, either way', async () => {
      for (const direction of [FORWARDS, BACK]) {
        const answers = await answersTo((options) => {
          const all = new streams.ReadReq.Options.AllOptions();
          if (direction === FORWARDS) all.setStart(new shared.Empty());
          else all.setEnd(new shared.Empty());
          options.setAll(all).setReadDirection(direction).setFilter(filtered());
        });
        expect(answers).to.have.length(100);
      }
    });

    it('says where a stream begins and ends, to those who know what that means', async () => {
      const cut = `films-${randomUUID()}`;
      await tested.client.appendToStream(cut, upTo(100).map(played));
      await tested.client.setStreamMetadata(cut, { truncateBefore: 90 });
      const answers = await answersTo((options) => {
        options.setStream(streamOptions(cut));
        options.setControlOption(new streams.ReadReq.Options.ControlOption().setCompatibility(1));
      });
      expect(answers.at(0)?.getFirstStreamPosition()).to.equal('90');
      expect(answers.at(-1)?.getLastStreamPosition()).to.equal('99');
      expect(answers).to.have.length(12);
    });

    it('refuses what cannot be', async () => {
      const impossible: ((options: Options) => unknown)[] = [
        (options) => options.setStream(streamOptions(stream)).setFilter(filtered()),
        (options) => {
          options.setAll(allFromStart()).clearCount();
        },
        (options) => {
          options.setAll(allFromStart()).clearUuidOption();
        },
        (options) =>
          options
            .setAll(allFromStart())
            .setReadDirection(BACK)
            .setSubscription(new streams.ReadReq.Options.SubscriptionOptions()),
      ];
      for (const change of impossible) {
        const error = await rejection(answersTo(change), Error);
        expect(error).to.have.property('code', status.INVALID_ARGUMENT);
      }
    });
  });
});
