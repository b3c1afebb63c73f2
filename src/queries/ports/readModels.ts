/**
 * Where one answer reads. Statements name the tables of a read model as `{catalogue}.movies`, `{stats}.totals`:
 * its rows may be in one schema now and, after a rebuild, in another.
 */
export interface ReadModels {
  /**
   * Runs one parameterised, read-only statement.
   * @throws {ReadModelsUnavailable} {ReadModelsMoved}
   */
  query<Row extends object = Record<string, unknown>>(statement: {
    readonly text: string;
    readonly values?: readonly unknown[];
    readonly name?: string;
    readonly signal?: AbortSignal;
  }): Promise<readonly Row[]>;
}

/** The read models that are served. */
export interface ServedReadModels {
  /**
   * As they are served now. Whoever reads an answer with several statements reads all of it through one of
   * these: each read model whole as it was before a rebuild, or whole as it is after.
   */
  now(): ReadModels;
}

/** The database is away, or the read models are not made yet: the client may try again later. */
export class ReadModelsUnavailable extends Error {
  override readonly name = 'ReadModelsUnavailable';
}

/** What was read is not there any more, for it is served from elsewhere: to be read again. */
export class ReadModelsMoved extends Error {
  override readonly name = 'ReadModelsMoved';
}
