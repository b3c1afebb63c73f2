import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LogBatch } from '../../../../src/commands/ports/eventStore.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  endOf,
  follow,
  idsOf,
  newStream,
  numbered,
  type ContractContext,
  type Follower,
} from './log.js';

/** What a subscription promises. */
export const describeFollowing = ({ store, another }: ContractContext): void => {
  describe('following the log', () => {
    let start: bigint;
    const followers: Follower[] = [];

    const following = (options: Parameters<typeof follow>[1], on = store()): Follower => {
      const follower = follow(on, options);
      followers.push(follower);
      return follower;
    };

    const append = async (amount: number, type?: string, on = store(), stream = newStream()) => {
      const events = numbered(amount, type);
      const { position } = await on.append(stream, events, { expectedRevision: 'any' });
      return { ids: idsOf(events), position };
    };

    /** Until reads have what was appended here: followers get it when it comes, be it somewhat later. */
    const readable = () => store().headPosition();

    const caughtUp = (follower: Follower, position: bigint) =>
      eventually(`the follower is at ${position}`, () => {
        const last = follower.batches.at(-1);
        return last !== undefined && last.position >= position && last.caughtUp;
      });

    beforeEach(async () => {
      start = await store().headPosition();
    });

    afterEach(async () => {
      await Promise.all(followers.splice(0).map((follower) => follower.stop()));
    });

    it('gives what is there, then what comes, in order', async () => {
      const there = await append(5);
      const follower = following({ after: start });
      await caughtUp(follower, there.position);
      const later = await append(3);
      const last = await append(2);
      await caughtUp(follower, last.position);
      expect(idsOf(follower.events())).to.deep.equal([...there.ids, ...later.ids, ...last.ids]);
    });

    it('starts after the position that it is given', async () => {
      const { position } = await append(3);
      const next = await append(1);
      const follower = following({ after: position });
      await caughtUp(follower, next.position);
      expect(idsOf(follower.events())).to.deep.equal(next.ids);
    });

    it('gives the whole log after 0', async () => {
      const { position } = await append(1);
      const follower = following({ after: 0n });
      await caughtUp(follower, position);
      const { events } = await store().readAll({ maxCount: 10 });
      expect(idsOf(follower.events()).slice(0, 10)).to.deep.equal(idsOf(events));
    });

    it('says at once that it is caught up when nothing is there', async () => {
      const follower = following({ after: start });
      await eventually('a batch', () => follower.batches.length > 0);
      expect(follower.batches[0]).to.deep.equal({
        ...{ events: [], after: start, position: start },
        caughtUp: true,
      });
    });

    it('gives at most so many in a batch, whose position is that of its last event', async () => {
      const { ids, position } = await append(10);
      await readable();
      const follower = following({ after: start, batchSize: 4 });
      await caughtUp(follower, position);
      expect(idsOf(follower.events())).to.deep.equal(ids);
      let before = start;
      for (const { events, after, position: reached } of follower.batches) {
        expect(after).to.equal(before);
        before = reached;
        expect(events.length).to.be.at.most(4);
        expect(reached).to.equal(events.at(-1)?.position ?? position);
      }
      expect(follower.batches[0]?.caughtUp).to.equal(false);
    });

    it('can go on from the position of any batch', async () => {
      await append(7);
      const { position } = await append(4);
      const follower = following({ after: start, batchSize: 3 });
      await caughtUp(follower, position);
      const ids = idsOf(follower.events());
      let seen = 0;
      for (const batch of follower.batches) {
        seen += batch.events.length;
        const next = following({ after: batch.position });
        await caughtUp(next, position);
        expect(idsOf(next.events())).to.deep.equal(ids.slice(seen));
      }
    });

    it('gives only what fits the filter, but moves the position over the rest', async () => {
      const wanted = await append(2, 'ThingWanted');
      await append(5, 'ThingUnwanted');
      const alsoWanted = await append(1, 'ThingWanted');
      const last = await append(3, 'ThingUnwanted');
      const follower = following({
        after: start,
        batchSize: 2,
        filter: { types: ['ThingWanted'], streamPrefixes: ['thing-'] },
      });
      await caughtUp(follower, last.position);
      expect(idsOf(follower.events())).to.deep.equal([...wanted.ids, ...alsoWanted.ids]);
      expect(follower.batches.at(-1)?.position).to.equal(last.position);
      const live = await append(2, 'ThingUnwanted');
      await caughtUp(follower, live.position);
      expect(follower.events()).to.have.length(3);
    });

    it('wakes for what another process appends', async () => {
      const follower = following({ after: start });
      await caughtUp(follower, start);
      const elsewhere = await another();
      for (let nth = 1; nth <= 5; nth += 1) {
        const { position } = await append(1, undefined, elsewhere);
        await caughtUp(follower, position);
        expect(follower.events()).to.have.length(nth);
      }
    });

    it('waits for a slow consumer and then gives it everything', async () => {
      const follower = following({ after: start, batchSize: 5, onBatch: () => sleep(15) });
      const ids: string[] = [];
      let end = start;
      for (let nth = 0; nth < 20; nth += 1) {
        const appended = await append(3);
        ids.push(...appended.ids);
        end = appended.position;
      }
      await caughtUp(follower, end);
      expect(idsOf(follower.events())).to.deep.equal(ids);
    });

    it('gives nothing to whoever had stopped before', async () => {
      await append(1);
      const batches: LogBatch[] = [];
      const signal = AbortSignal.abort();
      for await (const batch of store().subscribeToAll({ after: start, signal })) {
        batches.push(batch);
      }
      expect(batches).to.deep.equal([]);
    });

    it('ends without an error when it is stopped while it waits', async () => {
      const follower = following({ after: start });
      await caughtUp(follower, start);
      await follower.stop();
      const { position } = await append(1);
      expect(follower.batches.every((batch) => batch.position < position)).to.equal(true);
    });

    it('ends between two batches when it is stopped by its consumer', async () => {
      await append(6);
      const stopping = new AbortController();
      const batches: LogBatch[] = [];
      const subscription = store().subscribeToAll({
        after: start,
        batchSize: 2,
        signal: stopping.signal,
      });
      for await (const batch of subscription) {
        batches.push(batch);
        stopping.abort();
      }
      expect(batches).to.have.length(1);
    });

    it('is left by a consumer that breaks off', async () => {
      await append(6);
      await readable();
      const { signal } = new AbortController();
      let taken = 0;
      for await (const { events } of store().subscribeToAll({
        after: start,
        batchSize: 2,
        signal,
      })) {
        taken += events.length;
        break;
      }
      expect(taken).to.be.within(1, 2);
    });
  });

  describe('many writers and followers', () => {
    it('every follower sees every event once, in the order of positions, and none is skipped', async () => {
      const WRITERS = 8;
      const APPENDS = 15;
      const first = await another();
      const second = await another();
      const start = await store().headPosition();
      const stop: Follower[] = [];
      const open = (on = store(), batchSize = 1_000, pause = 0) => {
        const follower = follow(on, {
          after: start,
          batchSize,
          onBatch: () => (pause > 0 ? sleep(pause) : undefined),
        });
        stop.push(follower);
        return follower;
      };
      const early = [open(), open(store(), 7), open(first, 3), open(second, 50, 3)];

      const write = async (writer: number): Promise<readonly string[]> => {
        const on = [store(), first, second][writer % 3] ?? store();
        // Half of the writers meet in one stream.
        const stream = newStream(writer % 2 === 0 ? 'own' : 'shared');
        const ids: string[] = [];
        for (let nth = 0; nth < APPENDS; nth += 1) {
          const events = numbered(1 + (nth % 4));
          await on.append(writer % 2 === 0 ? stream : `shared-${start}`, events, {
            expectedRevision: 'any',
          });
          ids.push(...idsOf(events));
          if (nth === 12) early.push(open(on, 11));
        }
        return ids;
      };
      const written = (
        await Promise.all(Array.from({ length: WRITERS }, (_, writer) => write(writer)))
      ).flat();
      const head = await endOf([store(), first, second]);
      const late = open(second);
      try {
        for (const follower of [...early, late]) {
          await eventually(`a follower is at ${head}`, () =>
            follower.batches.some(({ position }) => position >= head),
          );
          const positions = follower.events().map(({ position }) => position);
          expect(positions.every((each, nth) => each > (positions[nth - 1] ?? start))).to.equal(
            true,
          );
          expect(new Set(idsOf(follower.events()))).to.deep.equal(new Set(written));
          expect(follower.events()).to.have.length(written.length);
        }
      } finally {
        await Promise.all(stop.map((follower) => follower.stop()));
      }
    });
  });

  describe('another process on the same log', () => {
    it('reads what this one appended, and appends after it', async () => {
      const stream = newStream();
      const first = await store().append(stream, numbered(2), { expectedRevision: 'no-stream' });
      const elsewhere = await another();
      expect((await elsewhere.readStream(stream)).lastRevision).to.equal(1n);
      const head = () => elsewhere.headPosition();
      if (elsewhere.readsMayLag) {
        await eventually('it has heard of it', async () => (await head()) >= first.position);
      }
      expect(await head()).to.equal(first.position);
      const second = await elsewhere.append(stream, numbered(1), { expectedRevision: 1n });
      expect(second).to.include({ revision: 2n });
      expect((await store().readStream(stream)).lastRevision).to.equal(2n);
    });

    it('gives the first answer to an append that this one made', async () => {
      const stream = newStream();
      const events = numbered(2);
      const first = await store().append(stream, events, { expectedRevision: 'no-stream' });
      const elsewhere = await another();
      expect(
        await elsewhere.append(stream, events, { expectedRevision: 'no-stream' }),
      ).to.deep.equal(first);
    });
  });
};
