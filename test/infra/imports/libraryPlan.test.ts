import { expect } from 'chai';
import type { KeptFilm, KeptFilms } from '../../../src/commands/ports/mediaManager.js';
import type { MovieFile } from '../../../src/domain/movie/files/movieFile.js';
import { libraryPlan, type KnownFilms } from '../../../src/infra/imports/libraryPlan.js';

const fileOf = (fileId: string, path = `/films/${fileId}.mkv`): MovieFile => ({
  ...{ path, container: 'mkv', source: 'radarr', fileId },
});
const film = (tmdbId: number, file?: MovieFile): KeptFilm => ({
  details: { title: `Film ${tmdbId}`, tmdbId },
  ...(file ? { file } : {}),
});
const library = (films: readonly KeptFilm[], more: Partial<KeptFilms> = {}): KeptFilms => ({
  films,
  unreadable: [],
  fileIds: new Set(films.flatMap(({ file }) => file?.fileId ?? [])),
  ...more,
});
const catalogue = (
  films: Readonly<Record<number, string>>,
  files: Readonly<Record<string, MovieFile>> = {},
): KnownFilms => ({
  byTmdbId: new Map(Object.entries(films).map(([tmdbId, movieId]) => [Number(tmdbId), movieId])),
  files: Object.entries(files).map(([movieId, file]) => ({ movieId, file })),
});

describe('What there is to do about a library', () => {
  it('is to import the films that the catalogue does not have, with their files', () => {
    expect(libraryPlan(library([film(1, fileOf('8')), film(2)]), catalogue({}))).to.deep.equal({
      films: [
        { film: film(1, fileOf('8')), attach: { ...fileOf('8'), replaces: null } },
        { film: film(2) },
      ],
      detach: [],
      doubtful: 0,
    });
  });

  it('is nothing where all is as it should be', () => {
    const kept = library([film(1, fileOf('8')), film(2)]);
    const known = catalogue({ 1: 'one', 2: 'two' }, { one: fileOf('8') });
    expect(libraryPlan(kept, known)).to.deep.equal({ films: [], detach: [], doubtful: 0 });
  });

  it('is to attach what is another file now, in place of the one that there was', () => {
    const kept = library([film(1, fileOf('29')), film(2, fileOf('9', '/films/renamed.mkv'))]);
    const known = catalogue({ 1: 'one', 2: 'two' }, { one: fileOf('8'), two: fileOf('9') });
    const { films, detach } = libraryPlan(kept, known);
    expect(films.map(({ movieId, attach }) => [movieId, attach?.path, attach?.replaces]))
      .to.deep //
      .equal([
        ['one', '/films/29.mkv', '8'],
        ['two', '/films/renamed.mkv', '9'],
      ]);
    expect(detach).to.deep.equal([]);
  });

  it('is to detach the files of films that are gone, or have none any more', () => {
    const known = catalogue({ 1: 'one' }, { one: fileOf('8'), two: fileOf('9') });
    expect(libraryPlan(library([film(1)]), known).detach).to.deep.equal([
      {
        ...{ movieId: 'one', source: 'radarr', fileId: '8' },
        reason: 'the library has no file of it',
      },
      {
        ...{ movieId: 'two', source: 'radarr', fileId: '9' },
        reason: 'the library has it no longer',
      },
    ]);
  });

  it('leaves the file of an entry that cannot be read', () => {
    const unreadable = [{ entry: 'Untold', why: 'it has no id of TMDb' }];
    const kept = library([film(1)], { unreadable, fileIds: new Set(['9']) });
    const known = catalogue({ 1: 'one' }, { two: fileOf('9') });
    expect(libraryPlan(kept, known).detach).to.deep.equal([]);
  });

  it('takes a library that is told to be empty for a mishap', () => {
    const known = catalogue({}, { two: fileOf('9') });
    expect(libraryPlan(library([]), known)).to.deep.equal({ films: [], detach: [], doubtful: 1 });
  });
});
