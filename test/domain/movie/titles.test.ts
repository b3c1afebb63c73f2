import { expect } from 'chai';
import { followsTitle, sortTitleOf, tidy } from '../../../src/domain/movie/titles.js';

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
    // English titles of films that were made in another language; of these the original title is not known.
    ['The Host', 'Host, The', 'ko'],
    ['The Lives of Others', 'Lives of Others, The', 'de'],
    ['The Square', 'Square, The', 'sv'],
    ['A Separation', 'Separation, A', 'fa'],
    ['A Man Called Ove', 'Man Called Ove, A', 'sv'],
    ['An Autumn Afternoon', 'Autumn Afternoon, An', 'ja'],
    // What is an article in English is a word of its own there.
    ['A bout de souffle', 'A bout de souffle', 'fr'],
    ['An einem Tag wie jeder andere', 'An einem Tag wie jeder andere', 'de'],
    ['A Ghost Story', 'Ghost Story, A', 'en'],
    ['A.I. Artificial Intelligence', 'A.I. Artificial Intelligence', 'en'],
    ['Die Another Day', 'Die Another Day', 'en'],
    ['La La Land', 'La La Land', 'en'],
    ['Los Angeles Plays Itself', 'Los Angeles Plays Itself', 'en'],
    ['Las Vegas, 500 millones', 'Las Vegas, 500 millones', 'es'],
    ['Los olvidados', 'olvidados, Los', 'es'],
    ['Un prophète', 'prophète, Un', 'fr'],
    ['L’argent', 'argent, L’', 'fr'],
    ['La Haine', 'Haine, La', 'fr'],
    ['Le Samouraï', 'Samouraï, Le', 'fr'],
    ['Leon', 'Leon', 'fr'],
    ['Lola rennt', 'Lola rennt', 'de'],
    ['Der Untergang', 'Untergang, Der', 'de'],
    ['Ein Mann', 'Mann, Ein', 'de'],
    ['Az ötödik pecsét', 'ötödik pecsét, Az', 'hu'],
    ['A tanú', 'tanú, A', 'hu'],
    ['Azok', 'Azok', 'hu'],
    ['Gli indifferenti', 'indifferenti, Gli', 'it'],
    ['Het schnitzelparadijs', 'schnitzelparadijs, Het', 'nl'],
    ['Festen', 'Festen', 'da'],
    ['En kongelig affære', 'kongelig affære, En', 'da'],
    ['Et dukkehjem', 'dukkehjem, Et', 'nb'],
    ['Ο Θίασος', 'Θίασος, Ο', 'el'],
    ['Το βλέμμα του Οδυσσέα', 'βλέμμα του Οδυσσέα, Το', 'el'],
    ['Os Mutantes', 'Mutantes, Os', 'pt'],
    ['千と千尋の神隠し', '千と千尋の神隠し', 'ja'],
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
    expect(
      sortTitleOf({
        title: 'The Lives of Others',
        originalTitle: 'Das Leben der Anderen',
        originalLanguage: 'de',
      }),
    ).to.equal('Lives of Others, The');
    expect(
      sortTitleOf({ title: 'A Prophet', originalTitle: 'Un prophète', originalLanguage: 'fr' }),
    ).to.equal('Prophet, A');
  });

  it('leaves out an article of the original language that a title has beside its translation', () => {
    expect(
      sortTitleOf({
        title: 'Les Intouchables',
        originalTitle: 'Intouchables',
        originalLanguage: 'fr',
      }),
    ).to.equal('Intouchables, Les');
  });

  it('goes by the original language where the original title differs by case alone', () => {
    expect(
      sortTitleOf({ title: 'Das Boot', originalTitle: 'das boot', originalLanguage: 'de' }),
    ).to.equal('Boot, Das');
  });

  it('follows the title unless it says something else', () => {
    expect(followsTitle('The Matrix', 'The Matrix')).to.equal(true);
    expect(followsTitle('Matrix, The', 'The Matrix')).to.equal(true);
    expect(followsTitle('ötödik pecsét, Az', 'Az ötödik pecsét')).to.equal(true);
    expect(followsTitle('Matrix 1', 'The Matrix')).to.equal(false);
  });
});

describe('Text', () => {
  it('is tidy without space around and with one space between', () => {
    expect(tidy('\u00a0 The \u2003 Matrix ')).to.equal('The Matrix');
    expect(tidy('Matrix')).to.equal('Matrix');
  });
});
