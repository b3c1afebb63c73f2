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

/** What others than the log know of what answers are about. */
export interface Facts {
  readonly people: People;
}
