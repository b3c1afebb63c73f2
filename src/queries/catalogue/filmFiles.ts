import type { MovieFile } from '../../domain/movie/files/movieFile.js';
import type { ReadModels } from '../ports/readModels.js';

/** A film and the file that it has. */
export interface FilmFile {
  readonly movieId: string;
  readonly file: MovieFile;
}

/** The films of the catalogue whose file is one that this source told of. */
export const filesOfSource = async (
  readModels: ReadModels,
  source: string,
): Promise<readonly FilmFile[]> => {
  const rows = await readModels.query<{ movie_id: string; file: MovieFile }>({
    name: 'film files',
    // By movies_by_file_source.
    text: `select movie_id, file from {catalogue}.movies where has_file and file ->> 'source' = $1`,
    values: [source],
  });
  return rows.map(({ movie_id: movieId, file }) => ({ movieId, file }));
};

/** Those of the films that the catalogue has. */
export const filmsThere = async (
  readModels: ReadModels,
  movieIds: readonly string[],
): Promise<ReadonlySet<string>> => {
  const rows = await readModels.query<{ movie_id: string }>({
    name: 'films there',
    text: `select movie_id from {catalogue}.movies where movie_id = any($1) and status = 'live'`,
    values: [movieIds],
  });
  return new Set(rows.map(({ movie_id }) => movie_id));
};
