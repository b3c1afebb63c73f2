import { randomUUID } from 'node:crypto';

import { expect } from 'chai';

import { expected } from './commits/commitCheck.js';
import { createEventLog, type EventLogDouble, type WriteOutcome } from './eventLog.js';
import { deletedStream, recordBytes, type ProposedEvent } from './eventRecord.js';
import type { StreamPage } from './readStream.js';

const { any, noStream, streamExists } = expected;

const event = (type = 'played', data: unknown = { seconds: 90 }): ProposedEvent => ({
  id: randomUUID(),
  type,
  isJson: true,
  data: Buffer.from(JSON.stringify(data)),
  metadata: new Uint8Array(),
});

const events = (count: number): readonly ProposedEvent[] =>
  Array.from({ length: count }, () => event());

const revisionsOf = (page: StreamPage): readonly number[] | string =>
  page.kind === 'events' ? page.events.map(({ revision }) => revision) : page.kind;

const written = (outcome: WriteOutcome): { revision: number; position?: number } => {
  if (outcome.kind !== 'written') throw new Error(`The write ended with ${outcome.kind}.`);
  return outcome;
};

describe('the log of the EventStoreDB double', () => {
  let now = Date.UTC(2024, 0, 1);
  let log: EventLogDouble;

  beforeEach(() => {
    now = Date.UTC(2024, 0, 1);
    log = createEventLog({ now: () => now, systemEvents: false });
  });

  const setMetadata = (stream: string, metadata: unknown): WriteOutcome =>
    log.append(`$$${stream}`, any, [event('$metadata', metadata)]);

  const forwards = (stream: string, from = 0): readonly number[] | string =>
    revisionsOf(log.readStreamForwards(stream, from, 100));

  const backwards = (stream: string, from = -1): readonly number[] | string =>
    revisionsOf(log.readStreamBackwards(stream, from, 100));

  describe('gives positions', () => {
    it('that grow by the size of the records', () => {
      const [first, second] = [event(), event('paused', {})];
      log.append('films', any, [first]);
      const { position } = written(log.append('films', any, [second]));
      expect(position).to.equal(recordBytes('films', first));
      // 88 bytes, 5 + 1 of the stream, 6 + 1 of the type, 14 of the data.
      expect(recordBytes('films', event('played', { a: 'bcdefg' }))).to.equal(115);
    });

    it('of the last event to whoever appends several', () => {
      const { position, revision } = written(log.append('films', any, events(3)));
      expect(revision).to.equal(2);
      expect(position).to.equal(log.records[2]?.position);
    });
  });

  describe('decides on an append', () => {
    it('by the revision expected', () => {
      log.append('films', any, events(3));
      expect(log.append('films', 1, events(1))).to.deep.equal({
        kind: 'wrongExpectedVersion',
        current: 2,
      });
      expect(log.append('films', 3, events(1)).kind).to.equal('wrongExpectedVersion');
      expect(log.append('films', noStream, events(1)).kind).to.equal('wrongExpectedVersion');
      expect(written(log.append('films', 2, events(1))).revision).to.equal(3);
      expect(written(log.append('films', streamExists, events(1))).revision).to.equal(4);
      expect(written(log.append('books', noStream, events(1))).revision).to.equal(0);
    });

    it('by whether a stream is there, which metadata alone make it', () => {
      expect(log.append('films', streamExists, events(1))).to.deep.equal({
        kind: 'wrongExpectedVersion',
        current: -1,
      });
      setMetadata('films', { $maxCount: 5 });
      expect(written(log.append('films', streamExists, events(1))).revision).to.equal(0);
    });

    it('and takes no events for an append of none', () => {
      log.append('films', any, events(2));
      expect(written(log.append('films', 1, [])).revision).to.equal(1);
      expect(log.append('films', 0, []).kind).to.equal('wrongExpectedVersion');
      expect(log.records).to.have.length(2);
    });
  });

  describe('knows an append that it has', () => {
    const same = events(3);

    for (const [name, version] of Object.entries({ any, noStream, streamExists })) {
      it(`when it expects ${name}, and gives the first answer again`, () => {
        const first = log.append('films', version === streamExists ? any : version, same);
        log.append('films', any, events(1));
        expect(log.append('films', version, same)).to.deep.equal(first);
        expect(log.records).to.have.length(4);
      });
    }

    it('when it expects a revision', () => {
      log.append('films', any, events(2));
      const first = log.append('films', 1, same);
      expect(log.append('films', 1, same)).to.deep.equal(first);
      expect(log.append('films', 0, same).kind).to.equal('wrongExpectedVersion');
    });

    it('from its first events on', () => {
      log.append('films', any, same);
      const [first, second] = same;
      if (first === undefined || second === undefined) throw new Error('There are three.');
      expect(written(log.append('films', any, [first, second])).revision).to.equal(1);
      expect(written(log.append('films', noStream, [first])).revision).to.equal(0);
    });

    it('but not one that is there in part', () => {
      log.append('films', any, same);
      for (const version of [any, noStream]) {
        const outcome = log.append('films', version, [...same, event()]);
        expect(outcome).to.deep.equal({ kind: 'wrongExpectedVersion', current: 2 });
      }
    });

    it('by its first id when it expects any revision: the others are not looked at', () => {
      log.append('films', any, same);
      expect(written(log.append('films', any, [event(), ...same])).revision).to.equal(6);
    });

    it('in its own stream only', () => {
      log.append('films', any, same);
      expect(written(log.append('books', any, same)).revision).to.equal(2);
      expect(log.records).to.have.length(6);
      // It remembers them of the first stream, and expecting any revision takes them again for the other.
      expect(written(log.append('books', any, same)).revision).to.equal(5);
      expect(written(log.append('books', noStream, same)).revision).to.equal(2);
    });

    it('expecting any revision only while it remembers the ids, and expecting one always', () => {
      log.append('films', noStream, same);
      // 8 MiB, of which an entry of this stream takes 2 KiB.
      log.append('o'.repeat(1010), any, events(4100));
      expect(written(log.append('films', noStream, same)).revision).to.equal(2);
      expect(written(log.append('films', any, same)).revision).to.equal(5);
    });
  });

  describe('reads a stream', () => {
    beforeEach(() => {
      log.append('films', any, events(5));
    });

    it('from a revision on, that being the first either way', () => {
      expect(forwards('films')).to.deep.equal([0, 1, 2, 3, 4]);
      expect(forwards('films', 3)).to.deep.equal([3, 4]);
      expect(forwards('films', 9)).to.deep.equal([]);
      expect(backwards('films')).to.deep.equal([4, 3, 2, 1, 0]);
      expect(backwards('films', 2)).to.deep.equal([2, 1, 0]);
      expect(backwards('films', 9)).to.deep.equal([4, 3, 2, 1, 0]);
    });

    it('that is not there as none', () => {
      expect(forwards('books')).to.equal('noStream');
      expect(backwards('books')).to.equal('noStream');
    });

    it('as far as $maxCount goes', () => {
      setMetadata('films', { $maxCount: 2 });
      expect(forwards('films')).to.deep.equal([3, 4]);
      expect(backwards('films')).to.deep.equal([4, 3]);
      expect(backwards('films', 2)).to.deep.equal([]);
      log.append('films', any, events(1));
      expect(forwards('films')).to.deep.equal([4, 5]);
    });

    it('from $tb on', () => {
      setMetadata('films', { $tb: 3 });
      expect(forwards('films')).to.deep.equal([3, 4]);
      expect(backwards('films')).to.deep.equal([4, 3]);
    });

    it('as long as $maxAge goes, in seconds', () => {
      now += 10_000;
      log.append('films', any, events(2));
      setMetadata('films', { $maxAge: 5 });
      expect(forwards('films')).to.deep.equal([5, 6]);
      expect(backwards('films')).to.deep.equal([6, 5]);
      now += 5_001;
      expect(forwards('films')).to.deep.equal([]);
      expect(backwards('films')).to.deep.equal([]);
    });

    it('whole when its metadata have a fault', () => {
      setMetadata('films', { $maxCount: 'two', $tb: 4 });
      expect(forwards('films')).to.deep.equal([0, 1, 2, 3, 4]);
    });

    it('of metadata to its last event', () => {
      setMetadata('films', { $maxCount: 2 });
      setMetadata('films', { $maxCount: 3 });
      expect(forwards('$$films')).to.deep.equal([1]);
    });
  });

  describe('deletes a stream softly', () => {
    beforeEach(() => {
      setMetadata('films', { $maxCount: 50, colour: 'red' });
      log.append('films', any, events(3));
      log.deleteStream('films', any, 'softly');
    });

    it('so that there is none to read', () => {
      expect(forwards('films')).to.equal('noStream');
      expect(log.append('films', streamExists, events(1)).kind).to.equal('streamDeleted');
    });

    it('and gives its numbers on to events written later', () => {
      expect(written(log.append('films', noStream, events(2))).revision).to.equal(4);
      expect(forwards('films')).to.deep.equal([3, 4]);
      expect(log.lastEvent('$$films')?.revision).to.equal(2);
      expect(Buffer.from(log.lastEvent('$$films')?.data ?? []).toString()).to.equal('{"$tb":3}');
    });

    it('until metadata are set, which are kept', () => {
      setMetadata('films', { $maxCount: 7 });
      expect(forwards('films')).to.deep.equal([]);
      const metadata = Buffer.from(log.lastEvent('$$films')?.data ?? []).toString();
      expect(JSON.parse(metadata)).to.deep.equal({ $maxCount: 7, $tb: 3 });
    });

    it('but not one that is not there, nor at another revision', () => {
      expect(log.deleteStream('books', any, 'softly')).to.deep.equal({
        kind: 'wrongExpectedVersion',
        current: -1,
      });
      log.append('books', any, events(3));
      expect(log.deleteStream('books', 1, 'softly').kind).to.equal('wrongExpectedVersion');
      expect(log.deleteStream('books', 2, 'softly').kind).to.equal('written');
    });

    it('leaving everything in the log', () => {
      expect(log.records.map(({ type }) => type)).to.deep.equal([
        '$metadata',
        'played',
        'played',
        'played',
        '$metadata',
      ]);
    });
  });

  it('lets a tombstone end a stream and its metadata for good', () => {
    setMetadata('films', { $maxCount: 50 });
    log.append('films', any, events(3));
    expect(log.deleteStream('films', 1, 'withTombstone').kind).to.equal('wrongExpectedVersion');
    log.deleteStream('films', 2, 'withTombstone');
    expect(forwards('films')).to.equal('deleted');
    expect(forwards('$$films')).to.equal('deleted');
    expect(log.append('films', any, events(1)).kind).to.equal('streamDeleted');
    expect(log.deleteStream('films', any, 'softly').kind).to.equal('streamDeleted');
    expect(log.records.at(-1)).to.include({ type: '$streamDeleted', revision: deletedStream });
  });
});
