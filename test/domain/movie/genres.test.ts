import { expect } from 'chai';
import fc from 'fast-check';
import { genreName, genreNames } from '../../../src/domain/movie/genres.js';

describe('A genre', () => {
  for (const [name, ...spellings] of [
    ['Drama', 'drama', 'DRAMA', ' Drama ', '\tdrama\n'],
    ['Science Fiction', 'science fiction', 'SCIENCE  Fiction'],
    ['Sci-Fi', 'sci-fi', 'SCI-FI'],
    ['Film-Noir', 'film-noir'],
    ['Action & Adventure', 'action & adventure'],
    ['TV Movie', 'tv movie', 'Tv Movie'],
    ['IMAX', 'imax'],
    ['Coming of Age', 'coming of age', 'Coming Of Age'],
    ['Sword and Sorcery', 'SWORD AND SORCERY'],
    ['Comédie', 'come\u0301die', 'COMÉDIE'],
    ['ドラマ', ' ドラマ'],
    ['Θρίλερ', 'θρίλερ', 'ΘΡΊΛΕΡ'],
    ['ßüß', 'ßüß'],
  ] as const) {
    it(`is “${name}” however it is spelt`, () => {
      for (const spelling of [name, ...spellings]) expect(genreName(spelling)).to.equal(name);
    });
  }

  it('is another than one that means the same', () => {
    expect(genreName('sci-fi')).not.to.equal(genreName('science fiction'));
  });

  it('has a name that is its own', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(genreName(genreName(text))).to.equal(genreName(text));
      }),
    );
  });

  it('is listed once, and not where there is nothing to see', () => {
    expect(genreNames(['drama', 'Crime', 'Drama', ' '])).to.deep.equal(['Drama', 'Crime']);
  });
});
