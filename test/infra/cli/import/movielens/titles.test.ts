import { expect } from 'chai';
import { parseTitle } from '../../../../../src/infra/cli/import/movielens/titles.js';

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
      { title: 'Seven', alternativeTitles: ['Se7en'], year: 1995 },
    ],
    [
      "European Vacation (aka National Lampoon's European Vacation) (1985)",
      {
        title: 'European Vacation',
        alternativeTitles: ["National Lampoon's European Vacation"],
        year: 1985,
      },
    ],
    [
      'Bicycle Thieves (a.k.a. The Bicycle Thief) (a.k.a. The Bicycle Thieves) (Ladri di biciclette) (1948)',
      {
        title: 'Bicycle Thieves',
        originalTitle: 'Ladri di biciclette',
        alternativeTitles: ['The Bicycle Thief', 'The Bicycle Thieves'],
        year: 1948,
      },
    ],
    [
      'Fist of Fury (Chinese Connection, The) (Jing wu men) (1972)',
      {
        title: 'Fist of Fury',
        originalTitle: 'Jing wu men',
        alternativeTitles: ['The Chinese Connection'],
        year: 1972,
      },
    ],
    [
      'Boot, Das (Boat, The) (1981)',
      { title: 'Das Boot', alternativeTitles: ['The Boat'], year: 1981 },
    ],
    // Parentheses that belong to the title.
    [
      'Birdman: Or (The Unexpected Virtue of Ignorance) (2014)',
      { title: 'Birdman: Or (The Unexpected Virtue of Ignorance)', year: 2014 },
    ],
    [
      'Evangelion: 1.0 You Are (Not) Alone (Evangerion shin gekijôban: Jo) (2007)',
      {
        title: 'Evangelion: 1.0 You Are (Not) Alone',
        originalTitle: 'Evangerion shin gekijôban: Jo',
        year: 2007,
      },
    ],
    ['(500) Days of Summer (2009)', { title: '(500) Days of Summer', year: 2009 }],
    ['(Untitled) (2009)', { title: '(Untitled)', year: 2009 }],
    ['Frontière(s) (2007)', { title: 'Frontière(s)', year: 2007 }],
    [
      'Hommage à Zgougou (et salut à Sabine Mamou) (2002)',
      { title: 'Hommage à Zgougou (et salut à Sabine Mamou)', year: 2002 },
    ],
    [
      'Human Centipede, The (First Sequence) (2009)',
      { title: 'The Human Centipede (First Sequence)', year: 2009 },
    ],
    [
      'And God Created Woman (Et Dieu... créa la femme) (1956)',
      { title: 'And God Created Woman', originalTitle: 'Et Dieu... créa la femme', year: 1956 },
    ],
    [
      "Project A ('A' gai waak) (1983)",
      { title: 'Project A', originalTitle: "'A' gai waak", year: 1983 },
    ],
    [
      'Brackets (Of (Many) Kinds) (2001)',
      { title: 'Brackets', originalTitle: 'Of (Many) Kinds', year: 2001 },
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
