import type { FoundFilm } from '../../commands/ports/movieProvider.js';
import type { PersonDetails } from '../../domain/person/details.js';

/** Somebody who was asked for; without details the provider does not know them. */
export interface FoundPerson {
  readonly details?: PersonDetails;
  readonly fetchedAt: Date;
}

/** What is known of people beside their credits: kept in a cache, and asked for at a provider where it is missing. */
export interface People {
  /**
   * Never fails for a provider that is away: what is known is told.
   * @param wanted ids at TMDb, the most wanted first
   * @returns `complete` where more cannot be known by asking again soon
   */
  lookUp(wanted: readonly number[]): Promise<{
    readonly people: ReadonlyMap<number, FoundPerson>;
    readonly complete: boolean;
  }>;
}

/** A film that a provider found. */
export interface FilmElsewhere extends FoundFilm {
  /** The film of the catalogue that has this id; it may have been removed. */
  readonly movieId?: string;
}

/** What providers find. */
export interface FilmsElsewhere {
  /** `away` where there is no answer in time, `none` where there is nobody to ask. */
  readonly providers: 'asked' | 'away' | 'none';
  /** The likeliest first, each once. */
  readonly films: readonly FilmElsewhere[];
}

/** Searches for films where others know more of them. */
export interface FilmSearch {
  /** Never fails for a provider that is away, and does not wait for it for long. @param typed as it was typed */
  search(typed: string): Promise<FilmsElsewhere>;
}

/** What others than the log know of what answers are about. */
export interface Facts {
  readonly people: People;
  readonly films: FilmSearch;
}
