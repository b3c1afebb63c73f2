import { expect } from 'chai';
import type { RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { idsOf, newStream, numbered, readEverything, type ContractContext } from './log.js';

const nthsOf = (events: readonly RecordedEvent[]) => events.map(({ data }) => data.nth);

/** What reads of one stream promise. */
export const describeReadingStreams = ({ store }: ContractContext): void => {
  describe('reading a stream', () => {
    const stream = newStream();

    before(async () => {
      await store().append(stream, numbered(10), { expectedRevision: 'no-stream' });
      await store().append(`${stream}x`, numbered(1), { expectedRevision: 'no-stream' });
    });

    it('gives all of it, in order, and nothing of others whose names start alike', async () => {
      const slice = await store().readStream(stream);
      expect(nthsOf(slice.events)).to.deep.equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
      expect(slice).to.include({ lastRevision: 9n, hasMore: false });
      expect(new Set(slice.events.map((event) => event.stream))).to.deep.equal(new Set([stream]));
    });

    it('gives it backwards', async () => {
      const slice = await store().readStream(stream, { direction: 'backwards' });
      expect(nthsOf(slice.events)).to.deep.equal([9, 8, 7, 6, 5, 4, 3, 2, 1, 0]);
      expect(slice).to.include({ lastRevision: 9n, hasMore: false });
    });

    it('starts at a revision, which is included, in either direction', async () => {
      const forwards = await store().readStream(stream, { from: 7n });
      expect(nthsOf(forwards.events)).to.deep.equal([7, 8, 9]);
      const backwards = await store().readStream(stream, { from: 2n, direction: 'backwards' });
      expect(nthsOf(backwards.events)).to.deep.equal([2, 1, 0]);
      expect(backwards).to.include({ lastRevision: 9n, hasMore: false });
    });

    it('gives at most as many as were asked for and says that there are more', async () => {
      const forwards = await store().readStream(stream, { from: 2n, maxCount: 3 });
      expect(nthsOf(forwards.events)).to.deep.equal([2, 3, 4]);
      expect(forwards).to.include({ lastRevision: 9n, hasMore: true });
      const backwards = await store().readStream(stream, { direction: 'backwards', maxCount: 3 });
      expect(nthsOf(backwards.events)).to.deep.equal([9, 8, 7]);
      expect(backwards).to.include({ lastRevision: 9n, hasMore: true });
    });

    it('says that there are no more when the last page was just full', async () => {
      const forwards = await store().readStream(stream, { from: 7n, maxCount: 3 });
      expect(forwards.hasMore).to.equal(false);
      const backwards = await store().readStream(stream, {
        from: 2n,
        maxCount: 3,
        direction: 'backwards',
      });
      expect(backwards.hasMore).to.equal(false);
    });

    it('gives nothing behind the end, but says where that is', async () => {
      const slice = await store().readStream(stream, { from: 10n });
      expect(slice).to.deep.equal({ events: [], lastRevision: 9n, hasMore: false });
    });

    it('starts at the last one backwards from behind the end', async () => {
      const slice = await store().readStream(stream, {
        from: 1_000n,
        maxCount: 2,
        direction: 'backwards',
      });
      expect(nthsOf(slice.events)).to.deep.equal([9, 8]);
    });

    for (const direction of ['forwards', 'backwards'] as const) {
      it(`gives an empty slice, ${direction}, of a stream without events`, async () => {
        const slice = await store().readStream(newStream(), { direction });
        expect(slice).to.deep.equal({ events: [], hasMore: false });
      });

      it(`does not read, ${direction}, for a caller that had stopped waiting`, async () => {
        const work = store().readStream(stream, { direction, signal: AbortSignal.abort() });
        expect((await rejection(work, EventStoreError)).failure).to.deep.equal({ kind: 'aborted' });
      });
    }

    it('answers many at once, each with its own', async () => {
      const streams = Array.from({ length: 30 }, () => newStream());
      await Promise.all(
        streams.map((each, nth) =>
          store().append(each, numbered(nth + 1), { expectedRevision: 'no-stream' }),
        ),
      );
      const slices = await Promise.all(streams.map((each) => store().readStream(each)));
      slices.forEach(({ events, lastRevision }, nth) => {
        expect(lastRevision).to.equal(BigInt(nth));
        expect(events.every((event) => event.stream === streams[nth])).to.equal(true);
        expect(events).to.have.length(nth + 1);
      });
    });

    it('shows what was appended just before', async () => {
      const fresh = newStream();
      for (let nth = 0n; nth < 20n; nth += 1n) {
        await store().append(fresh, numbered(1), { expectedRevision: 'any' });
        expect((await store().readStream(fresh)).lastRevision).to.equal(nth);
      }
    });
  });
};

/** What reads of the whole log promise. */
export const describeReadingAll = ({ store }: ContractContext): void => {
  describe('reading the log', () => {
    const [odd, even] = [newStream('odd'), newStream('even')];
    let start: bigint;
    let ids: readonly string[];

    before(async () => {
      start = await store().headPosition();
      const events = [...numbered(10, 'ThingNoted'), ...numbered(10, 'ThingCounted')];
      ids = idsOf(events);
      for (const [nth, event] of events.entries()) {
        await store().append(nth % 2 === 0 ? even : odd, [event], { expectedRevision: 'any' });
      }
    });

    it('gives what is after a position, in the order in which it was appended', async () => {
      const events = await readEverything(store(), { after: start });
      expect(idsOf(events)).to.deep.equal(ids);
      const positions = events.map(({ position }) => position);
      expect(positions.every((each, nth) => each > (positions[nth - 1] ?? start))).to.equal(true);
    });

    it('gives the same in pages of any size, the next after the position of the last', async () => {
      for (const maxCount of [1, 3, 20, 21]) {
        const events = await readEverything(store(), { after: start, maxCount });
        expect(idsOf(events)).to.deep.equal(ids);
      }
    });

    it('says that the end is reached, and at which position', async () => {
      const head = await store().headPosition();
      const page = await store().readAll({ after: start, maxCount: 19 });
      expect(page.end).to.equal(false);
      expect(page.position).to.equal(page.events.at(-1)?.position);
      expect(await store().readAll({ after: page.position })).to.include({
        position: head,
        end: true,
      });
      expect(await store().readAll({ after: head })).to.deep.equal({
        events: [],
        position: head,
        end: true,
      });
    });

    it('starts with the first event without a position', async () => {
      const { events } = await store().readAll({ maxCount: 1 });
      expect(events).to.have.length(1);
      const [first] = await readEverything(store());
      expect(events[0]).to.deep.equal(first);
    });

    it('gives it backwards from the end, or from a position that is left out', async () => {
      const last = await store().readAll({ direction: 'backwards', maxCount: 5 });
      expect(idsOf(last.events)).to.deep.equal([...ids].reverse().slice(0, 5));
      expect(last.end).to.equal(false);
      const next = await store().readAll({
        direction: 'backwards',
        maxCount: 5,
        after: last.position,
      });
      expect(idsOf(next.events)).to.deep.equal([...ids].reverse().slice(5, 10));
    });

    it('ends backwards at the first event', async () => {
      const all = idsOf(await readEverything(store()));
      const backwards: string[] = [];
      let after: bigint | undefined;
      for (let end = false; !end;) {
        const page = await store().readAll({
          direction: 'backwards',
          maxCount: 50,
          ...(after === undefined ? {} : { after }),
        });
        backwards.push(...idsOf(page.events));
        ({ end, position: after } = page);
      }
      expect(backwards.reverse()).to.deep.equal(all);
    });

    it('gives only the types that are asked for, in either direction', async () => {
      const filter = { types: ['ThingCounted'] };
      const forwards = await readEverything(store(), { after: start, filter, maxCount: 3 });
      expect(idsOf(forwards)).to.deep.equal(ids.slice(10));
      const backwards = await store().readAll({ direction: 'backwards', filter, maxCount: 3 });
      expect(idsOf(backwards.events)).to.deep.equal([...ids].reverse().slice(0, 3));
    });

    it('gives only streams whose names start as asked for', async () => {
      const filter = { streamPrefixes: ['odd-', 'neither-'] };
      const events = await readEverything(store(), { after: start, filter, maxCount: 3 });
      expect(idsOf(events)).to.deep.equal(ids.filter((_, nth) => nth % 2 === 1));
    });

    it('gives what fits both filters', async () => {
      const filter = { types: ['ThingNoted'], streamPrefixes: [even] };
      const events = await readEverything(store(), { after: start, filter });
      expect(idsOf(events)).to.deep.equal(ids.filter((_, nth) => nth < 10 && nth % 2 === 0));
    });

    it('takes prefixes literally', async () => {
      const filter = { streamPrefixes: ['od_', 'o%', 'ODD-', '^odd'] };
      expect(await readEverything(store(), { after: start, filter })).to.deep.equal([]);
    });

    it('moves the position over what a filter leaves out', async () => {
      const filter = { types: ['NeverHappened'] };
      const page = await store().readAll({ after: start, filter });
      expect(page).to.deep.equal({
        events: [],
        position: await store().headPosition(),
        end: true,
      });
    });

    it('gives each event as its stream does', async () => {
      const events = await readEverything(store(), { after: start });
      const { events: ofStream } = await store().readStream(odd);
      expect(events.filter(({ stream }) => stream === odd)).to.deep.equal(ofStream);
    });

    it('does not read for a caller that had stopped waiting', async () => {
      for (const direction of ['forwards', 'backwards'] as const) {
        const work = store().readAll({ direction, signal: AbortSignal.abort('of no interest') });
        expect((await rejection(work, EventStoreError)).failure).to.deep.equal({ kind: 'aborted' });
      }
      const work = store().headPosition({ signal: AbortSignal.abort(new Error('gone')) });
      expect((await rejection(work, EventStoreError)).failure).to.deep.equal({ kind: 'aborted' });
    });
  });
};
