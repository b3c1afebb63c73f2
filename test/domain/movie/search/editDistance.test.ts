import { expect } from 'chai';
import fc from 'fast-check';
import { editDistance } from '../../../../src/domain/movie/search/editDistance.js';

/** By the definition, without a limit. */
const plainly = (one: string, other: string): number => {
  const table = Array.from({ length: one.length + 1 }, (_, row) =>
    Array.from({ length: other.length + 1 }, (__, column) => (row === 0 ? column : row)),
  );
  const cell = (row: number, column: number): number => table[row]?.[column] ?? Infinity;
  for (let row = 1; row <= one.length; row += 1) {
    for (let column = 1; column <= other.length; column += 1) {
      const differs = one[row - 1] === other[column - 1] ? 0 : 1;
      const isSwap = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      table[row]?.splice(
        column,
        1,
        Math.min(
          cell(row - 1, column) + 1,
          cell(row, column - 1) + 1,
          cell(row - 1, column - 1) + differs,
          isSwap && row > 1 && column > 1 ? cell(row - 2, column - 2) + 1 : Infinity,
        ),
      );
    }
  }
  return cell(one.length, other.length);
};

const word = fc.string({ unit: fc.constantFrom('a', 'b', 'c'), maxLength: 9 });
const limit = fc.integer({ min: 0, max: 6 });

describe('The number of typos between two texts', () => {
  it('counts letters added, left out, changed and swapped', () => {
    expect(editDistance('matrix', 'matrix', 3)).to.equal(0);
    expect(editDistance('matrx', 'matrix', 3)).to.equal(1);
    expect(editDistance('alein', 'alien', 3)).to.equal(1);
    expect(editDistance('alxen', 'alien', 3)).to.equal(1);
    expect(editDistance('xyz', 'alien', 2)).to.equal(3);
  });

  it('is what its definition says, up to the limit', () => {
    fc.assert(
      fc.property(word, word, limit, (one, other, most) => {
        expect(editDistance(one, other, most)).to.equal(Math.min(plainly(one, other), most + 1));
      }),
    );
  });

  it('is the least for any beginning of a text that goes on', () => {
    fc.assert(
      fc.property(word, word, limit, (one, other, most) => {
        const beginnings = Array.from({ length: other.length + 1 }, (_, end) =>
          plainly(one, other.slice(0, end)),
        );
        expect(editDistance(one, other, most, true)).to.equal(Math.min(...beginnings, most + 1));
      }),
    );
  });
});
