import type { MovieDetails } from '../../../../domain/movie/events.js';
import { brokenCsv, csvRows, numberIn, type CsvRow } from './csv.js';

/** Details of films by TMDb id. */
export type Metadata = ReadonlyMap<number, MovieDetails>;

/** A list in a CSV cell, as JSON; empty when the cell is. */
const listIn = (row: CsvRow, column: string): readonly Readonly<Record<string, unknown>>[] => {
  const cell = row[column] ?? '';
  if (cell === '') return [];
  const parsed = parsedJson(cell, column);
  return Array.isArray(parsed) ? (parsed as Record<string, unknown>[]) : [];
};

const parsedJson = (cell: string, column: string): unknown => {
  try {
    return JSON.parse(cell);
  } catch (error) {
    throw new SyntaxError(`${column} should be a list in JSON`, { cause: error });
  }
};

/** One field of each thing in a list, each value once; `undefined` when there is none. */
const each = (row: CsvRow, column: string, field: string, most: number): string[] | undefined => {
  const values = [...new Set(listIn(row, column).map((thing) => String(thing[field])))].slice(
    0,
    most,
  );
  return values.length > 0 ? values : undefined;
};

/** Zero stands for unknown in TMDb's amounts. */
const amount = (cell: string | undefined): number | undefined => {
  const value = Math.round(Number(cell));
  return value > 0 ? value : undefined;
};

const text = (cell: string | undefined): string | undefined => {
  const trimmed = cell?.trim();
  return trimmed === undefined || trimmed === '' ? undefined : trimmed;
};

/**
 * A row of the TMDb 5000 films as a film's details: what is empty is left out.
 * @throws {SyntaxError} naming the column that holds no JSON
 */
export const detailsOf = (row: CsvRow): MovieDetails => {
  const voteCount = amount(row.vote_count);
  const fields: Partial<MovieDetails> = withoutUndefined({
    originalTitle: text(row.original_title),
    tagline: text(row.tagline),
    overview: text(row.overview),
    releaseDate: text(row.release_date),
    runtimeMinutes: amount(row.runtime),
    budget: amount(row.budget),
    revenue: amount(row.revenue),
    communityRating: voteCount === undefined ? undefined : Number(row.vote_average),
    voteCount,
    originalLanguage: text(row.original_language),
    status: text(row.status),
    genres: each(row, 'genres', 'name', 50),
    countries: each(row, 'production_countries', 'iso_3166_1', 50),
    languages: each(row, 'spoken_languages', 'iso_639_1', 50),
    studios: each(row, 'production_companies', 'name', 100),
    keywords: each(row, 'keywords', 'name', 200),
  });
  return { title: text(row.title) ?? '?', ...fields, tmdbId: Number(row.id) };
};

const withoutUndefined = <Value extends object>(
  value: Value,
): { [Key in keyof Value]?: Exclude<Value[Key], undefined> } =>
  Object.fromEntries(Object.entries(value).filter(([, inner]) => inner !== undefined)) as {
    [Key in keyof Value]?: Exclude<Value[Key], undefined>;
  };

/** @throws {UsageError} naming the file, and the row that cannot be read */
export const readMetadata = async (path: string): Promise<Metadata> => {
  const metadata = new Map<number, MovieDetails>();
  let count = 0;
  for await (const row of csvRows(path, ['id', 'title'])) {
    count += 1;
    const id = numberIn(path, count, row, 'id');
    try {
      metadata.set(id, detailsOf(row));
    } catch (error) {
      if (error instanceof SyntaxError) throw brokenCsv(path, count, error.message);
      throw error;
    }
  }
  return metadata;
};
