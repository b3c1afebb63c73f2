import { expect } from 'chai';
import { searchText } from '../../../src/domain/movie/searchText.js';
import { sortTitleOf, tidy } from '../../../src/domain/movie/titles.js';

describe('A sort title', () => {
  const sorted: readonly (readonly [string, string, string | undefined])[] = [
    ['The Matrix', 'Matrix, The', undefined],
    ['The Matrix', 'Matrix, The', 'en'],
    ['A Serious Man', 'Serious Man, A', 'en'],
    ['An Education', 'Education, An', 'en'],
    ['Them!', 'Them!', 'en'],
    ['Another Round', 'Another Round', 'en'],
    ['A', 'A', 'en'],
    ['The The', 'The, The', 'en'],
    ['Die Hard', 'Die Hard', 'en'],
    ['Die Welle', 'Welle, Die', 'de'],
    ['Das Boot', 'Boot, Das', 'de'],
    ['Dasein', 'Dasein', 'de'],
    ['L’Avventura', 'Avventura, L’', 'it'],
    ["L'Atalante", "Atalante, L'", 'fr'],
    ['Les Enfants du paradis', 'Enfants du paradis, Les', 'fr'],
    ['Lesson', 'Lesson', 'fr'],
    ['La strada', 'strada, La', 'it'],
    ['I vitelloni', 'vitelloni, I', 'it'],
    ['Ieri, oggi, domani', 'Ieri, oggi, domani', 'it'],
    ['El laberinto del fauno', 'laberinto del fauno, El', 'es'],
    ['O Pagador de Promessas', 'Pagador de Promessas, O', 'pt'],
    ['De noorderlingen', 'noorderlingen, De', 'nl'],
    ['Det sjunde inseglet', 'sjunde inseglet, Det', 'sv'],
    ['The Host', 'The Host', 'ko'],
  ];
  for (const [title, expected, originalLanguage] of sorted) {
    it(`of "${title}"${originalLanguage ? ` (${originalLanguage})` : ''} is "${expected}"`, () => {
      expect(sortTitleOf({ title, ...(originalLanguage ? { originalLanguage } : {}) })).to.equal(
        expected,
      );
    });
  }

  it('leaves out English articles of a title that was translated', () => {
    expect(
      sortTitleOf({ title: 'The Host', originalTitle: '괴물', originalLanguage: 'ko' }),
    ).to.equal('Host, The');
    expect(
      sortTitleOf({ title: 'Die Wave', originalTitle: 'Die Welle', originalLanguage: 'de' }),
    ).to.equal('Die Wave');
  });
});

describe('Text', () => {
  it('is tidy without space around and with one space between', () => {
    expect(tidy('\u00a0 The \u2003 Matrix ')).to.equal('The Matrix');
    expect(tidy('Matrix')).to.equal('Matrix');
  });

  it('is searched without case, diacritics and punctuation', () => {
    expect(searchText('Amélie')).to.equal('amelie');
    expect(searchText('WALL·E')).to.equal('wall e');
    expect(searchText('Spider-Man: No Way Home')).to.equal('spider man no way home');
    expect(searchText('  Ødipus & Łódź  ')).to.equal('odipus lodz');
    expect(searchText('Straße')).to.equal('strasse');
    expect(searchText('７人の侍')).to.equal('7人の侍');
    expect(searchText('***')).to.equal('');
  });
});
