import { expect } from 'chai';
import type { MovieDetails } from '../../../src/domain/movie/events.js';
import { byName, sortKeyOf } from '../../../src/domain/movie/sortKey.js';
import { isText } from '../../../src/queries/serving/cursor.js';

/** As PostgreSQL compares texts by COLLATE "C". */
const ordered = (films: readonly MovieDetails[]): readonly string[] =>
  films
    .map((film) => ({ title: film.title, key: Buffer.from(sortKeyOf(film)) }))
    .sort((one, other) => Buffer.compare(one.key, other.key))
    .map(({ title }) => title);

const inOrder = (...titles: readonly string[]): void => {
  expect(ordered(titles.map((title) => ({ title })).toReversed())).to.deep.equal(titles);
};

describe('The order of titles', () => {
  it('takes numbers by their value', () => {
    inOrder('Zzq 2', 'Zzq 9', 'Zzq 10', 'Zzq 10b', 'Zzq 100');
    inOrder('2 Guns', '9', '12 Angry Men', '101 Dalmatians', '2001: A Space Odyssey', 'Alien');
    inOrder('Part 007', 'Part 8', `Part ${'1'.repeat(60)}`);
    inOrder('الجزء ٢', 'الجزء ١٠');
  });

  it('goes word by word, whatever the case, the diacritics and the punctuation', () => {
    inOrder('Star Trek', 'Star Wars', 'Star Wars: Episode I', 'Starship Troopers');
    inOrder('Écran', 'Edge', 'éternel', 'Eve');
    inOrder('Spider', 'Spider-Man', 'Spiders');
  });

  it('leaves out the article, and has a title before those that begin with it', () => {
    inOrder('Matrimony', 'The Matrix', 'The Matrix Reloaded', 'A Matter of Life');
  });

  it('has films of the same title by their year', () => {
    const films: readonly MovieDetails[] = [
      { title: 'It', year: 1990 },
      { title: 'The It', year: 1995 },
      { title: 'It', year: 2017 },
      { title: 'It Follows', year: 1890 },
    ];
    expect(films.map(sortKeyOf)).to.deep.equal(films.map(sortKeyOf).sort());
  });

  it('goes by the language that the title is in', () => {
    const films: readonly MovieDetails[] = [
      { title: 'The Lives of Others', originalLanguage: 'de' },
      { title: 'M', originalLanguage: 'de' },
      { title: 'Az ötödik pecsét', originalLanguage: 'hu' },
      { title: 'Psycho' },
    ];
    expect(ordered(films.toReversed())).to.deep.equal(films.map(({ title }) => title));
  });

  it('goes by a sort title that somebody chose', () => {
    const chosen = { title: 'A New Hope', sortTitle: 'Star Wars 4' };
    expect(ordered([{ title: 'Tron' }, chosen, { title: 'Nemo' }])).to.deep.equal([
      'Nemo',
      'A New Hope',
      'Tron',
    ]);
  });

  it('has titles of signs before all others, in an order of their own', () => {
    inOrder('$', "'", '…', '???', '1917', 'Alien');
  });

  it('never outgrows a cursor', () => {
    for (const title of ['ﷺ'.repeat(500), '9'.repeat(500), '👾'.repeat(250)]) {
      expect(isText(sortKeyOf({ title }))).to.equal(true);
      expect(Buffer.byteLength(sortKeyOf({ title }))).to.be.below(2_000);
    }
  });

  it('is that of other names as well: those of genres, of libraries', () => {
    const names = ['action', 'Drama', 'Écran 2', 'Ecran 10', 'The End', 'thriller'];
    expect(
      names
        .toReversed()
        .map((name) => ({ name }))
        .sort(byName)
        .map(({ name }) => name),
    ).to.deep.equal(names);
  });
});
