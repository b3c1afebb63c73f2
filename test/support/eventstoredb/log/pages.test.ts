import { randomUUID } from 'node:crypto';

import { expect } from 'chai';
import fc from 'fast-check';

import { expected } from './commits/commitCheck.js';
import { matching, startingWith, type EventFilter } from './eventFilter.js';
import { createEventLog, type EventLogDouble } from './eventLog.js';
import type { EventRecord, ProposedEvent } from './eventRecord.js';
import { endOfLog, startOfLog, type AllPage, type LogPosition } from './readAll.js';
import { fromEnd, type StreamPage } from './readStream.js';

const event = (type: string, data: unknown = {}): ProposedEvent => ({
  id: randomUUID(),
  type,
  isJson: true,
  data: Buffer.from(JSON.stringify(data)),
  metadata: new Uint8Array(),
});

/** Reads a stream to its end, page by page. */
const readStream = (from: number, page: (from: number) => StreamPage): readonly number[] => {
  const revisions: number[] = [];
  for (let at = from; ;) {
    const read = page(at);
    if (read.kind !== 'events') throw new Error(read.kind);
    revisions.push(...read.events.map(({ revision }) => revision));
    if (read.isEnd) return revisions;
    at = read.next;
  }
};

/** Reads `$all` to its end, page by page. */
const readAll = (
  from: LogPosition,
  page: (from: LogPosition) => AllPage,
): { readonly events: readonly EventRecord[]; readonly considered: number } => {
  const events: EventRecord[] = [];
  let considered = 0;
  for (let at = from; ;) {
    const read = page(at);
    events.push(...read.events);
    considered += read.considered;
    if (read.isEnd) return { events, considered };
    at = read.next;
  }
};

const sizes = fc.integer({ min: 1, max: 40 });

describe('pages of the EventStoreDB double’s log', () => {
  it('make up what metadata leave of a stream, whatever their size and direction', () => {
    const limits = fc.option(fc.integer({ min: 1, max: 90 }), { nil: undefined });
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 90 }),
        limits,
        limits,
        sizes,
        (count, most, tb, size) => {
          const log = createEventLog({ systemEvents: false });
          for (let at = 0; at < count; at++) log.append('films', expected.any, [event('played')]);
          log.append('$$films', expected.any, [event('$metadata', { $maxCount: most, $tb: tb })]);
          const oldest = Math.max(0, tb ?? 0, most === undefined ? 0 : count - most);
          const left = Array.from({ length: Math.max(0, count - oldest) }, (_, at) => oldest + at);
          expect(
            readStream(0, (from) => log.readStreamForwards('films', from, size)),
          ).to.deep.equal(left);
          expect(
            readStream(fromEnd, (from) => log.readStreamBackwards('films', from, size)),
          ).to.deep.equal(left.reverse());
        },
      ),
    );
  });

  describe('of $all', () => {
    const logOf = (types: readonly string[]): EventLogDouble => {
      const log = createEventLog();
      for (const type of types) log.append(`films-${type}`, expected.any, [event(type)]);
      return log;
    };
    const types = fc.array(fc.constantFrom('played', 'paused', 'rated', 'unrated'), {
      maxLength: 120,
    });
    const filters = fc.constantFrom<EventFilter>(
      startingWith('type', ['p']),
      startingWith('stream', ['films-r', 'films-u']),
      startingWith('type', []),
      matching('type', 'rated$'),
      matching('stream', '^films-(un)?rated$'),
    );

    it('make up what a filter lets through, either way, and look at each event once', () => {
      fc.assert(
        fc.property(types, filters, sizes, sizes, (written, filter, count, window) => {
          const log = logOf(written);
          const size = { count, window };
          const wanted = log.records.filter(filter);
          const forwards = readAll(startOfLog, (from) => log.readAllForwards(from, size, filter));
          expect(forwards.events).to.deep.equal(wanted);
          expect(forwards.considered).to.equal(log.records.length);
          const backwards = readAll(endOfLog, (from) => log.readAllBackwards(from, size, filter));
          expect(backwards.events).to.deep.equal(wanted.toReversed());
          expect(backwards.considered).to.equal(log.records.length);
        }),
      );
    });

    it('begin anywhere between two events, and inside none', () => {
      fc.assert(
        fc.property(types, fc.nat(), (written, where) => {
          const log = logOf(written);
          const commit = where % (log.lastPosition() + 1);
          const isBoundary = log.records.some(({ position }) => position === commit);
          expect(log.isRecordBoundary({ commit, prepare: commit })).to.equal(isBoundary);
        }),
      );
    });
  });
});
