import { expect } from 'chai';
import fc from 'fast-check';
import { folded } from '../../../../src/domain/movie/search/folded.js';
import { broadGrams, gramsOf, wantedGrams } from '../../../../src/domain/movie/search/grams.js';

/** Whether a title can be found at all by what was typed. */
const share = (typed: string, title: string): boolean => {
  const grams = gramsOf(folded(title));
  return [...wantedGrams(folded(typed))].some((gram) => grams.has(gram));
};

describe('The pieces by which titles are found', () => {
  for (const [typed, title] of [
    ['starwars', 'Star Wars: Episode IV'],
    ['matr', 'The Matrix'],
    ['lfe', 'Life'],
    ['alein', 'Alien'],
    ['shwashank', 'The Shawshank Redemption'],
    ['千尋', '千と千尋の神隠し'],
    ['ウォーズ', 'スター・ウォーズ'],
    ['z', 'Z'],
    ['$', '$'],
  ] as const) {
    it(`are in common to “${typed}” and ${title}`, () => {
      expect(share(typed, title)).to.equal(true);
    });
  }

  it('are always in common to a title and the title in full, or its beginning', () => {
    const title = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 });
    fc.assert(
      fc.property(title, fc.nat(), (text, size) => {
        fc.pre(folded(text) !== '');
        expect(share(text, text)).to.equal(true);
        const letters = Array.from(folded(text));
        const beginning = letters.slice(0, 1 + (size % letters.length)).join('');
        fc.pre(beginning === folded(beginning));
        expect(share(beginning, text)).to.equal(true);
      }),
    );
  });

  it('to look for are few, however long the text is', () => {
    for (const text of [
      'x'.repeat(500),
      'ab cd '.repeat(80).trim(),
      'abcdefghi '.repeat(50).trim(),
    ]) {
      expect(wantedGrams(text).size).to.be.at.most(40);
      expect(broadGrams(text).size).to.be.at.most(24);
    }
    const letters = Array.from({ length: 250 }, (_, nth) => String.fromCodePoint(0x4e00 + nth));
    expect(wantedGrams(letters.join('')).size).to.be.at.most(40);
    expect(wantedGrams(letters.join(' ')).size).to.be.at.most(40);
  });
});
