import type { KeptFilm, KeptFilms } from '../../commands/ports/mediaManager.js';
import type { MovieFile } from '../../domain/movie/files/movieFile.js';
import { isSameValue } from '../../domain/sameValue.js';
import type { FilmFile } from '../../queries/catalogue/filmFiles.js';

/** What is to be done about a film that a media manager keeps. */
export interface FilmStep {
  readonly film: KeptFilm;
  /** Absent where it is to be imported. */
  readonly movieId?: string;
  /** Its file, where it is another one now; it takes the place of that which it had when this was planned. */
  readonly attach?: MovieFile & { readonly replaces: string | null };
}

/** A file that is not there any more. */
export interface Detachment {
  readonly movieId: string;
  readonly source: string;
  readonly fileId?: string;
  readonly reason: string;
}

/** What brings the catalogue up to date with a media manager's library; nothing where it is. */
export interface LibraryPlan {
  readonly films: readonly FilmStep[];
  readonly detach: readonly Detachment[];
  /** Files that stay although no film of the library has them: it has none at all, which is taken for a mishap. */
  readonly doubtful: number;
}

/** What the catalogue has, when the library was asked or before: what changed since then is not undone. */
export interface KnownFilms {
  /** Films with a file of the media manager's. */
  readonly files: readonly FilmFile[];
  /** The film of the catalogue that has an id of TMDb. */
  readonly byTmdbId: ReadonlyMap<number, string>;
}

/** Compares a library with the catalogue. */
export const libraryPlan = (kept: KeptFilms, known: KnownFilms): LibraryPlan => {
  const fileOf = new Map(known.files.map(({ movieId, file }) => [movieId, file]));
  const films = kept.films.map((film) => stepOf(film, known, fileOf));
  const keptIds = new Map(films.map(({ movieId, film }) => [movieId, film]));
  const gone = known.files.flatMap(({ movieId, file }): readonly Detachment[] => {
    const film = keptIds.get(movieId);
    if (film?.file || (!film && file.fileId !== undefined && kept.fileIds.has(file.fileId))) {
      return [];
    }
    return [
      {
        ...{ movieId, source: file.source },
        ...(file.fileId === undefined ? {} : { fileId: file.fileId }),
        reason: film ? 'the library has no file of it' : 'the library has it no longer',
      },
    ];
  });
  const isEmpty = kept.films.length + kept.unreadable.length === 0;
  return {
    films: films.filter(({ movieId, attach }) => movieId === undefined || attach),
    detach: isEmpty ? [] : gone,
    doubtful: isEmpty ? gone.length : 0,
  };
};

const stepOf = (
  film: KeptFilm,
  { byTmdbId }: KnownFilms,
  fileOf: ReadonlyMap<string, MovieFile>,
): FilmStep => {
  const movieId = byTmdbId.get(film.details.tmdbId);
  const had = movieId === undefined ? undefined : fileOf.get(movieId);
  const { file } = film;
  return {
    film,
    ...(movieId === undefined ? {} : { movieId }),
    ...(file && !isSameValue(file, had)
      ? { attach: { ...file, replaces: had?.fileId ?? null } }
      : {}),
  };
};
