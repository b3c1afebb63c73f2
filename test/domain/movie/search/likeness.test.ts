import { expect } from 'chai';
import fc from 'fast-check';
import { likeness, type Film } from '../../../../src/domain/movie/search/likeness.js';
import { namesOf } from '../../../../src/domain/movie/search/names.js';
import { wantedFilms } from '../../../../src/domain/movie/search/wanted.js';

interface Titles {
  readonly title: string;
  readonly originalTitle?: string;
  readonly alternativeTitles?: string[];
  readonly year?: number;
  readonly votes?: number;
}

const film = ({ year = 2000, votes = 0, ...titles }: Titles): Film => ({
  ...{ title: titles.title, names: namesOf(titles), year, votes },
});

/** The titles that answer to what was typed, the best first. */
const found = (typed: string, ...films: readonly Titles[]): readonly string[] =>
  films
    .map((titles) => ({ ...titles, likeness: likeness(wantedFilms(typed), film(titles)) }))
    .filter((titles) => titles.likeness > 0)
    .sort((one, other) => other.likeness - one.likeness)
    .map(({ title, year }) => (year === undefined ? title : `${title} ${year}`));

const alike = (typed: string, title: string): boolean => found(typed, { title }).length > 0;

describe('How well a film answers to a search', () => {
  it('is best for the title in full, however many others begin with it or hold it', () => {
    const films = ['Star Wars', 'Star Wars: Episode IV', 'Before Star Wars', 'Star'];
    expect(found('star wars', ...films.map((title) => ({ title })))).to.deep.equal([
      'Star Wars',
      'Star Wars: Episode IV',
      'Before Star Wars',
    ]);
    expect(found('The Matrix', { title: 'Matrix' }, { title: 'The Matrix' })[0]).to.equal(
      'The Matrix',
    );
  });

  it('tells titles apart by signs alone where nothing else does', () => {
    expect(found('mother!', { title: 'Mother' }, { title: 'mother!' })[0]).to.equal('mother!');
    expect(found('Mother', { title: 'mother!' }, { title: 'Mother' })[0]).to.equal('Mother');
  });

  for (const [typed, title] of [
    ['swat', 'S.W.A.T.'],
    ['s.w.a.t', 'S.W.A.T.'],
    ['mash', 'M*A*S*H'],
    ['ET', 'E.T. the Extra-Terrestrial'],
    ['walle', 'WALL·E'],
    ['wall e', 'WALL·E'],
    ['starwars', 'Star Wars: Episode IV - A New Hope'],
    ['スターウォーズ', 'スター・ウォーズ'],
    ['すたーうぉーず', 'スター・ウォーズ'],
    ['Сталкир', 'Сталкер'],
    ['сталк', 'Сталкер'],
    ['ΘΙΑΣ', 'Θίασος'],
    ['θίασος', 'Ο Θίασος'],
    ['千尋', '千と千尋の神隠し'],
    ['rocky 2', 'Rocky II'],
    ['12 monkeys', 'Twelve Monkeys'],
    ['Matrix, The', 'The Matrix'],
    ['teh matrix', 'The Matrix'],
    ['$', '$'],
    ['...', '…'],
    ['???', '???'],
  ] as const) {
    it(`is enough for “${typed}” to find ${title}`, () => {
      expect(alike(typed, title)).to.equal(true);
    });
  }

  for (const [typed, title] of [
    ['xylophone quartet', 'The Matrix'],
    ['%', '$'],
    ['$', '…'],
    ['rocky 2', 'Heat'],
    ['Сталкер', 'Матрица'],
  ] as const) {
    it(`is not enough for “${typed}” to find ${title}`, () => {
      expect(alike(typed, title)).to.equal(false);
    });
  }

  it('takes a year at either end for the year of the film, also while it is being typed', () => {
    const films = [
      { title: 'Psycho', year: 1960 },
      { title: 'Psycho', year: 1998 },
    ];
    for (const typed of ['Psycho 1998', 'psycho (1998)', 'Psycho 199', '1998 Psycho']) {
      expect(found(typed, ...films)[0], typed).to.equal('Psycho 1998');
    }
    expect(found('Psycho 1960', ...films)[0]).to.equal('Psycho 1960');
  });

  it('leaves a number to the title that is one, or ends with one', () => {
    const others = [
      { title: 'Death Race', year: 2000 },
      { title: 'Blade Runner', year: 1982 },
    ];
    for (const [typed, title, year] of [
      ['1917', '1917', 2019],
      ['2001: A Space Odyssey', '2001: A Space Odyssey', 1968],
      ['2001 a space odyssey', '2001: A Space Odyssey', 1968],
      ['blade runner 2049', 'Blade Runner 2049', 2017],
      ['Death Race 2000', 'Death Race 2000', 1975],
      ['2012 2009', '2012', 2009],
      ['death race 2000 1975', 'Death Race 2000', 1975],
    ] as const) {
      expect(found(typed, ...others, { title, year })[0], typed).to.equal(`${title} ${year}`);
    }
  });

  it('finds a film by its original and by its alternative titles, its own before those of others', () => {
    const spirited = {
      title: 'Spirited Away',
      originalTitle: '千と千尋の神隠し',
      alternativeTitles: ['Chihiros Reise ins Zauberland'],
    };
    for (const typed of ['千と千尋の神隠し', 'chihiros reise']) {
      expect(found(typed, spirited)).to.deep.equal(['Spirited Away']);
    }
    const other = { title: 'Something', alternativeTitles: ['Spirited Away'] };
    expect(found('spirited away', other, spirited)).to.deep.equal(['Spirited Away', 'Something']);
  });

  it('prefers what more people know among titles that are as alike', () => {
    expect(
      found('stalk', { title: 'Stalkers', votes: 3 }, { title: 'Stalking', votes: 90_000 })[0],
    ).to.equal('Stalking');
  });

  it('is found for every title that is typed in full, in any case and with any space around', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1, maxLength: 60, unit: 'grapheme' }), (title) => {
        fc.pre(title.trim() !== '' && namesOf({ title })[0] !== '');
        for (const typed of [title, ` ${title} `, title.toLowerCase()]) {
          expect(alike(typed, title)).to.equal(true);
        }
      }),
    );
  });
});
