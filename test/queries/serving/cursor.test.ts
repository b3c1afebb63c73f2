import { expect } from 'chai';
import fc from 'fast-check';
import {
  decodeCursor,
  encodeCursor,
  InvalidParameter,
  isDateText,
  isInteger,
  isNumber,
  isText,
  listKey,
  pageOf,
} from '../../../src/queries/serving/cursor.js';

const LIST = listKey('films');
const ID = '00000000-0000-4000-8000-00000000000a';

describe('Cursors', () => {
  it('lead back to the place that they were made of', () => {
    const value = fc.oneof(
      fc.string({ unit: 'grapheme', maxLength: 200 }),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    );
    const isValue = (some: unknown): some is string | number => isText(some) || isNumber(some);
    const uuid = fc.uuid();
    fc.assert(
      fc.property(value.filter(isValue), uuid, uuid, (of, id, within) => {
        const whole = { value: of, id, within };
        expect(decodeCursor(encodeCursor(LIST, whole), LIST, isValue)).to.deep.equal(whole);
        const { value: back, id: same } = decodeCursor(
          encodeCursor(LIST, { value: of, id }),
          LIST,
          isValue,
        );
        expect([back, same]).to.deep.equal([of, id]);
      }),
    );
  });

  it('are refused when nobody here made them, whatever they are', () => {
    const refused = (text: string) => {
      expect(() => decodeCursor(text, LIST, isText), text).to.throw(InvalidParameter);
    };
    const made = (...parts: readonly unknown[]) =>
      Buffer.from(JSON.stringify([LIST, ...parts])).toString('base64url');
    for (const text of [
      ...['', 'x', '%', made(), made('a'), made('a', 'b'), made('a', ID.toUpperCase(), ID)],
      ...[made('a', ID, 'b'), made('a', ID, null), made('a', ID, ID, ID), made(1, ID)],
      ...[made('a\0', ID), made(null, ID), made(['a'], ID), made('a'.repeat(1_001), ID)],
      Buffer.from('{"value":"a"}').toString('base64url'),
    ]) {
      refused(text);
    }
    fc.assert(fc.property(fc.string(), refused));
  });

  it('are refused by a list of another sort, order or filter, which is what the refusal says', () => {
    const cursor = encodeCursor(listKey('films', 'title', 'asc', undefined), {
      ...{ value: 'a', id: ID },
    });
    for (const other of [
      ...[listKey('series', 'title', 'asc', undefined), listKey('films', 'year', 'asc', undefined)],
      ...[listKey('films', 'title', 'desc', undefined), listKey('films', 'title', 'asc', 'Drama')],
    ]) {
      expect(() => decodeCursor(cursor, other, isText))
        .to.throw(InvalidParameter, /another sort, order or filter/)
        .with.property('field', 'cursor');
    }
  });

  it('carry moments and days that a calendar shows, and nothing else', () => {
    for (const good of ['2026-02-06', '1888-01-01', '2026-02-06T20:15:00.000Z', '2024-02-29']) {
      expect(isDateText(good), good).to.equal(true);
    }
    for (const bad of [
      ...['2026-02-30', '2026-02-06T24:00:00.000Z', '2026-02-06T20:15:00Z', 'today', '2026', ''],
      ...[
        '0000-01-01',
        '+275760-09-13T00:00:00.000Z',
        '-000001-01-01T00:00:00.000Z',
        'infinity',
        20260206,
        null,
      ],
    ]) {
      expect(isDateText(bad), String(bad)).to.equal(false);
    }
  });

  it('carry numbers that the database can hold', () => {
    expect([0, -1, 2 ** 31 - 1].every(isInteger)).to.equal(true);
    expect([2 ** 31, 1.5, NaN, '1', null].some(isInteger)).to.equal(false);
    expect([0, 9.5, -1e300].every(isNumber)).to.equal(true);
    expect([NaN, Infinity, '1', null].some(isNumber)).to.equal(false);
  });

  it('are given for another page alone', () => {
    const cursorOf = (row: string) => ({ value: row, id: ID });
    expect(pageOf([], 2, LIST, cursorOf)).to.deep.equal({ page: [], nextCursor: null });
    expect(pageOf(['a', 'b'], 2, LIST, cursorOf)).to.deep.equal({
      page: ['a', 'b'],
      nextCursor: null,
    });
    expect(pageOf(['a', 'b', 'c'], 2, LIST, cursorOf)).to.deep.equal({
      ...{ page: ['a', 'b'], nextCursor: encodeCursor(LIST, { value: 'b', id: ID }) },
    });
  });
});
