import { expect } from 'chai';
import fc from 'fast-check';
import { folded } from '../../../../src/domain/movie/search/folded.js';

describe('Text as it is searched', () => {
  for (const [text, expected] of [
    ['Amélie', 'amelie'],
    ['Spider-Man: No Way Home', 'spider man no way home'],
    ['  Ødipus & Łódź  ', 'odipus and lodz'],
    ['S.W.A.T.', 'swat'],
    ['M*A*S*H', 'mash'],
    ['E.T. the Extra-Terrestrial', 'et the extra terrestrial'],
    ['WALL·E', 'wall e'],
    ['Straße', 'strasse'],
    ['STRAẞE', 'strasse'],
    ['İstanbul', 'istanbul'],
    ['ISPARTA', 'isparta'],
    ['Kırmızı', 'kirmizi'],
    ['Œuvre', 'oeuvre'],
    ['ﬁlm', 'film'],
    ['Ｆｕｌｌ　ｗｉｄｔｈ', 'full width'],
    ['Ocean’s Eleven', 'oceans eleven'],
    ["Ocean's Eleven", 'oceans eleven'],
    ['soft\u00adhyphen', 'softhyphen'],
    ['Alien³', 'alien3'],
    ['Rocky Ⅳ', 'rocky iv'],
    ['ΘΙΑΣ', 'θιασ'],
    ['θίας', 'θιασ'],
    ['Сталкер', 'сталкер'],
    ['ЁЛКИ', 'елки'],
    ['７人の侍', '7人の侍'],
    ['スター・ウォーズ', 'すたー うぉーず'],
    ['ｽﾀｰ', 'すたー'],
    ['ガメラ', 'がめら'],
    ['شَمْس', 'شمس'],
    ['٢٠٠١', '2001'],
    ['שָׁלוֹם', 'שלומ'],
    ['हिंदी', 'हिंदी'],
    ['괴물', '괴물'],
    ['$', '$'],
    ['…', '...'],
    ['? !', '?!'],
    ['👾❤️', '👾❤'],
    ["'", "'"],
    ['\u200b', ''],
    ['$9.99', '9 99'],
    ['', ''],
  ] as const) {
    it(`of “${text}” is “${expected}”`, () => {
      expect(folded(text)).to.equal(expected);
    });
  }

  it('is the same when it is folded again, and for the text in capitals', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(folded(folded(text))).to.equal(folded(text));
      }),
    );
    for (const text of ['Weiße Öfen', 'Ένας θίασος', 'Ёлки', 'Łódź']) {
      expect(folded(text.toUpperCase())).to.equal(folded(text));
    }
  });
});
