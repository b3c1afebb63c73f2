/** A person who has something to do with a title. */
export interface Viewer {
  readonly userId: string;
  readonly titleId: string;
}

/** What a film of the catalogue is known for, one bit for each fact; see `factsMask`. */
export interface FilmChange {
  readonly filmId: string;
  /** Facts that became known, and facts that were cleared. */
  readonly learnt: number;
  readonly cleared: number;
}

/** What the plays and names of a person lack of a title, one bit for each fact. */
export interface ViewerChange extends Viewer {
  /** The bits that stay where they are set, and then those that are set. */
  readonly keep: number;
  readonly lacks: number;
}

/** What some events change. Applied twice it comes to the same. */
export interface TitleChanges {
  readonly films: readonly FilmChange[];
  readonly viewers: readonly ViewerChange[];
}

/** Who waits for facts of which titles: remembered from the log, as far as it was read. */
export interface TitleViewers {
  apply(changes: TitleChanges): Promise<void>;
  /** Those of the changes' people, and of the people of its films, who lack what is known of the film. */
  waiting(changes: TitleChanges): Promise<readonly Viewer[]>;
  /**
   * Some of the people who lack one of these facts of a film.
   * @param known one bit for each fact
   */
  lacking(filmId: string, known: number, atMost: number): Promise<readonly Viewer[]>;
  forget(): Promise<void>;
}
