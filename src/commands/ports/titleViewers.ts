import type { Provider } from '../../domain/streams.js';

/** A person who has something to do with a title. */
export interface Viewer {
  readonly userId: string;
  readonly titleId: string;
}

/** Somebody who has something to do with a title under an id that is not the film's. */
export interface Stray extends Viewer {
  /** The film that the title turns out to be. */
  readonly filmId: string;
}

/** What changes of a film of the catalogue. */
export interface FilmChange {
  readonly filmId: string;
  /** Facts that became known, and facts that were cleared, one bit for each; see `factsMask`. */
  readonly learnt: number;
  readonly cleared: number;
  /** In the catalogue from now on, or removed from it. */
  readonly live?: boolean;
}

/** What a title is called elsewhere, as the id that follows from it. */
export interface NameChange {
  readonly titleId: string;
  /** `own`: the id of a title that the catalogue does not know was made of one of its names. */
  readonly provider: Provider | 'own';
  /** `null`: no longer. */
  readonly name: string | null;
  /** Told by somebody who watched it: of no concern once the catalogue has the film. */
  readonly pending: boolean;
}

/** What changes of what a person has to do with a title. */
export interface ViewerChange extends Viewer {
  /** The facts that plays and names lack, one bit for each: those that stay where they are set, then those that are set. */
  readonly keep: number;
  readonly lacks: number;
  /** Moved to another id of the title; `null`: something is here again. */
  readonly movedTo?: string | null;
  /** What was moved away has arrived there. */
  readonly arrived?: true;
}

/** What some events change. Applied twice it comes to the same. */
export interface TitleChanges {
  readonly films: readonly FilmChange[];
  readonly names: readonly NameChange[];
  readonly viewers: readonly ViewerChange[];
}

/** Work that follows from what is known of titles and of the people who watch them. */
export interface TitleWork {
  /** They lack facts that are known of the film. */
  readonly lacking: readonly Viewer[];
  readonly strays: readonly Stray[];
}

/** Who has to do with which titles, remembered from the log as far as it was read. */
export interface TitleViewers {
  apply(changes: TitleChanges): Promise<void>;
  /** The work that the changes make possible. */
  workAfter(changes: TitleChanges): Promise<TitleWork>;
  /** People whose viewing was moved away from a title and has not arrived. */
  underWay(): Promise<readonly Viewer[]>;
  /** Some of the work that a film makes possible which knows these facts and has these names. */
  workFor(film: {
    readonly filmId: string;
    readonly known: number;
    readonly names: readonly string[];
    readonly atMost: number;
  }): Promise<TitleWork>;
  /** Those of the ids under which people have watched something, and of which the catalogue has no film. */
  pendingTitles(ids: readonly string[]): Promise<readonly string[]>;
  forget(): Promise<void>;
}
