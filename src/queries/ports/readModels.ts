/** Where queries read: PostgreSQL, schema-qualified names (`catalogue.movies`, `stats.totals`). */
export interface ReadModels {
  /** Runs one parameterised, read-only statement. @throws {ReadModelsUnavailable} */
  query<Row extends object = Record<string, unknown>>(statement: {
    readonly text: string;
    readonly values?: readonly unknown[];
    readonly name?: string;
    readonly signal?: AbortSignal;
  }): Promise<readonly Row[]>;
}

/** The database is away, or the read models are not made yet: the client may try again later. */
export class ReadModelsUnavailable extends Error {
  override readonly name = 'ReadModelsUnavailable';
}
