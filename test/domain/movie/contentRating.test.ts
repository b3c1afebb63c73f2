import { expect } from 'chai';
import { ratingLevelOf } from '../../../src/domain/movie/contentRating.js';

describe('The age that a content rating maps to', () => {
  for (const [country, rating, age] of [
    ['US', 'G', 0],
    ['US', 'PG-13', 13],
    ['US', 'r', 17],
    ['US', 'NC-17', 17],
    ['US', 'NR', undefined],
    ['GB', '12A', 12],
    ['DE', 'FSK 16', 16],
    ['DE', '0', 0],
    ['SE', '11', 11],
    ['FR', 'TP', 0],
    ['JP', 'R15+', 15],
    ['US', 'M', undefined],
    ['XX', '2001', undefined],
  ] as const) {
    it(`of ${rating} in ${country} is ${String(age)}`, () => {
      expect(ratingLevelOf(country, rating)).to.equal(age);
    });
  }
});
