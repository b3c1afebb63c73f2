import { expect } from 'chai';
import { parseTitle } from '../../../../src/infra/cli/movielens/titles.js';

describe('A MovieLens title', () => {
  for (const [text, expected] of [
    ['Toy Story (1995)', { title: 'Toy Story', year: 1995 }],
    ['Matrix, The (1999)', { title: 'The Matrix', year: 1999 }],
    [
      'City of Lost Children, The (Cité des enfants perdus, La) (1995)',
      {
        title: 'The City of Lost Children',
        originalTitle: 'La Cité des enfants perdus',
        year: 1995,
      },
    ],
    [
      'Seven (a.k.a. Se7en) (1995)',
      // Another name is not the original one.
      { title: 'Seven', year: 1995 },
    ],
    [
      'Good, the Bad and the Ugly, The (Buono, il brutto, il cattivo, Il) (1966)',
      {
        title: 'The Good, the Bad and the Ugly',
        originalTitle: 'Il Buono, il brutto, il cattivo',
        year: 1966,
      },
    ],
    ["Eclisse, L' (1962)", { title: "L'Eclisse", year: 1962 }],
    ['2001: A Space Odyssey (1968)', { title: '2001: A Space Odyssey', year: 1968 }],
    ['1984 (Nineteen Eighty-Four)', { title: '1984', originalTitle: 'Nineteen Eighty-Four' }],
    ['Fawlty Towers (1975-1979)', { title: 'Fawlty Towers', year: 1975 }],
    ['Hyena Road', { title: 'Hyena Road' }],
    ['  Death Note:  Desu nôto (2006–2007) ', { title: 'Death Note: Desu nôto', year: 2006 }],
  ] as const) {
    it(`“${text}” is read as ${JSON.stringify(expected)}`, () => {
      expect(parseTitle(text)).to.deep.equal(expected);
    });
  }
});
