/** A share of a build that is divided: of the things that its rows belong to, those that fall to it. */
export interface Share {
  readonly build: bigint;
  /** Of the read model. */
  readonly name: string;
  /** From 1 on; 0 is the builder's own. */
  readonly nth: number;
  /** How many shares the build has, with the builder's own. */
  readonly of: number;
  /** Where its tables are. */
  readonly schema: string;
  /** Where all shares of the build end, to become one read model. */
  readonly target: bigint;
  /** The last position whose events are in its rows. */
  readonly checkpoint: bigint;
}

/**
 * What a worker says of its share of a build: nothing of it is open any more when it is `done`, `let-go` as was asked,
 * or `failed`.
 */
export interface ShareWord {
  readonly build: bigint;
  readonly nth: number;
  readonly state: 'replaying' | 'done' | 'let-go' | 'failed';
  /** How far the log was read for it. */
  readonly position: bigint;
  /** How many events its worker has read for it. */
  readonly events: bigint;
  /** Why it failed. */
  readonly error?: string;
}

/** Works on one share of each of several builds, beside the builder. */
export interface ShareWorker {
  /** Ends the work on the share of a build, whatever becomes of the others: see its word. */
  letGo(build: bigint): void;
  /** At most so many events of the log a second; `undefined` for as many as can be. */
  pace(eventsPerSecond: number | undefined): void;
  /** Ends the work on all of them; what is committed is gone on with by the next. */
  stop(): void;
  /**
   * Resolves when all are done, let go or failed, or when it was stopped; rejects when it cannot go on. Then nothing
   * is open any more, and there are no more words.
   */
  readonly ended: Promise<void>;
}

/** What a worker of shares is given. */
export interface ShareWork {
  /** One of each build. */
  readonly shares: readonly Share[];
  /** How many work on the builds, with the builder: they share the room for rows, too. */
  readonly workers: number;
}

/** Begins to work on shares. @param hear is told after each page, and of the end of each share */
export type StartShareWorker = (work: ShareWork, hear: (word: ShareWord) => void) => ShareWorker;
