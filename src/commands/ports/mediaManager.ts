import type { MovieDetails } from '../../domain/movie/events.js';
import type { MovieFile } from '../../domain/movie/files/movieFile.js';

/** A film that a media manager keeps: what it knows of it, and the file where it has one. */
export interface KeptFilm {
  readonly details: MovieDetails & { readonly tmdbId: number };
  readonly file?: MovieFile;
}

/** An entry of a library that says too little, or what cannot be. */
export interface UnreadableEntry {
  /** What it is called there. */
  readonly entry: string;
  readonly why: string;
}

/** All that a media manager keeps, told at once: what is not in it is not there. */
export interface KeptFilms {
  readonly films: readonly KeptFilm[];
  readonly unreadable: readonly UnreadableEntry[];
  /** The ids of all files that there are, those of entries that cannot be read among them. */
  readonly fileIds: ReadonlySet<string>;
}

/** Who keeps a library of films: gets their files, names them, and deletes them. */
export interface MediaManager {
  /** The source of the files that it tells of. */
  readonly source: string;
  /** @throws {ProviderFailure} it cannot be asked, or its answer is not whole */
  films(signal: AbortSignal): Promise<KeptFilms>;
}
