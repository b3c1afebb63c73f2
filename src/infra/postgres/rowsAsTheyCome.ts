import pg from 'pg';
import type { Database, Statement } from './database.js';
import { asUnavailable, DatabaseUnavailable } from './databaseErrors.js';

const LIMIT_MS = 60_000;

/**
 * The rows of one statement as arrays, some at a time, while the others are still coming: whoever takes them works
 * while PostgreSQL does, and need not have all of them in memory at once. The connection is given back when the
 * last has come, whether they are taken or not.
 * @throws {DatabaseUnavailable} when the server is away or does not answer in time
 */
export async function* rowsAsTheyCome<Row extends readonly unknown[]>(
  database: Database,
  { text, values, name }: Pick<Statement, 'text' | 'values' | 'name'>,
  some: number,
): AsyncGenerator<readonly Row[], void> {
  const ready: Row[][] = [];
  let coming: Row[] = [];
  /** Filled when the last has come. */
  const ends: { readonly failure?: Error }[] = [];
  let wake = (): void => undefined;
  const take = (row: Row): void => {
    coming.push(row);
    if (coming.length < some) return;
    ready.push(coming);
    coming = [];
    wake();
  };
  const query = new pg.Query({
    ...{ text, rowMode: 'array' },
    ...(values ? { values: [...values] } : {}),
    ...(name ? { name } : {}),
  });
  void database
    .withConnection(({ client }) => untilOver(client.query(query.on('row', take))))
    .then(
      () => ends.push({}),
      (error: unknown) => ends.push({ failure: asUnavailable(error) }),
    )
    .then(() => {
      wake();
    });
  for (;;) {
    const rows = ready.shift();
    if (rows) yield rows;
    else if (ends.length > 0) break;
    else {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  }
  for (const { failure } of ends) if (failure) throw failure;
  if (coming.length > 0) yield coming;
}

const untilOver = async (query: pg.Query): Promise<void> => {
  let limit: NodeJS.Timeout | undefined;
  try {
    await new Promise<void>((resolve, reject) => {
      query.once('end', resolve).once('error', reject);
      limit = setTimeout(() => {
        reject(new DatabaseUnavailable('the database did not give all rows in time'));
      }, LIMIT_MS);
    });
  } finally {
    clearTimeout(limit);
  }
};
