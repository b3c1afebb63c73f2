/** A column as DuckDB names its type: `BIGINT`, `UUID`, `VARCHAR[]`, … */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** A table of an export: of events of one type, of all events, or of a read model's rows. */
export interface Table {
  /** As SQL names it: `movie_watched`, `stats.totals`. */
  readonly name: string;
  readonly columns: readonly Column[];
}

/** `releaseDate` and `MovieWatched` as columns and tables are named: `release_date`, `movie_watched`. */
export const snakeCase = (name: string): string =>
  name.replace(/(?<=[a-z0-9])(?=[A-Z])/g, '_').toLowerCase();

/** A name in SQL, whatever it is. */
export const quotedName = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** Text in SQL. */
export const quotedText = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** A table's name in SQL, its schema's name apart. */
export const quotedTable = (name: string): string => name.split('.').map(quotedName).join('.');
