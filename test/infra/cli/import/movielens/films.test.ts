import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readFilms } from '../../../../../src/infra/cli/import/movielens/dataset.js';
import type { Metadata } from '../../../../../src/infra/cli/import/movielens/metadata.js';

describe('The films of a MovieLens folder', () => {
  let folder: string;
  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reellog-test-films-'));
    const rows = [
      '1,"Shanghai Triad (Yao a yao) (1995)",Drama',
      '2,"Léon: The Professional (a.k.a. The Professional) (Léon) (1994)",Crime',
    ];
    await writeFile(join(folder, 'movies.csv'), ['movieId,title,genres', ...rows].join('\n'));
    await writeFile(join(folder, 'links.csv'), 'movieId,imdbId,tmdbId\n1,1,30\n2,2,101\n');
  });
  after(() => rm(folder, { recursive: true }));

  it('have the titles in parentheses as original and alternative titles', async () => {
    const films = await readFilms(folder, new Map());
    expect(films.map(({ data }) => data)).to.deep.equal([
      {
        ...{ title: 'Shanghai Triad', originalTitle: 'Yao a yao', year: 1995, genres: ['Drama'] },
        ...{ imdbId: 'tt0000001', tmdbId: 30 },
      },
      {
        ...{
          title: 'Léon: The Professional',
          originalTitle: 'Léon',
          year: 1994,
          genres: ['Crime'],
        },
        alternativeTitles: ['The Professional'],
        ...{ imdbId: 'tt0000002', tmdbId: 101 },
      },
    ]);
  });

  it('keep those for which metadata has others', async () => {
    const metadata = new Map([
      [30, { title: 'Shanghai Triad', originalTitle: '摇啊摇', tmdbId: 30 }],
      [101, { title: 'Leon', originalTitle: 'Léon', tmdbId: 101 }],
    ]);
    const films = await readFilms(folder, metadata);
    expect(
      films.map(({ data: { title, alternativeTitles } }) => [title, alternativeTitles]),
    ).to.deep.equal([
      ['Shanghai Triad', ['Yao a yao']],
      ['Leon', ['Léon: The Professional', 'The Professional']],
    ]);
  });

  it('are sorted without the article that the dataset has behind the title', async () => {
    const rows = ['1,"Dolce Vita, La (1960)",Drama', `2,"Avventura, L' (Adventure, The) (1960)",`];
    await writeFile(join(folder, 'movies.csv'), ['movieId,title,genres', ...rows].join('\n'));
    const sortTitles = async (metadata: Metadata) =>
      (await readFilms(folder, metadata)).map(({ data }) => data.sortTitle);
    expect(await sortTitles(new Map())).to.deep.equal(['Dolce Vita, La', "Avventura, L'"]);
    // Metadata has a title of its own.
    const metadata = new Map([[30, { title: 'The Sweet Life', tmdbId: 30 }]]);
    expect(await sortTitles(metadata)).to.deep.equal([undefined, "Avventura, L'"]);
  });
});
