import { once } from 'node:events';

/** The reader of our output went away (`| head`): nothing is left to do. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/** Writes to standard output at the pace of its reader. @throws {OutputClosed} */
export const write = async (text: string | Uint8Array): Promise<void> => {
  if (process.stdout.destroyed) throw new OutputClosed('standard output is closed');
  if (!process.stdout.write(text)) await once(process.stdout, 'drain');
};

export const writeLine = (text: string): Promise<void> => write(`${text}\n`);

/** JSON with bigints as decimal text. */
export const json = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  );

/** Rows as aligned columns under their names. */
export const table = (rows: readonly Readonly<Record<string, string>>[]): string => {
  const [first] = rows;
  if (!first) return '';
  const columns = Object.keys(first);
  const widths = columns.map((column) =>
    Math.max(column.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, index) => cell.padEnd(widths[index] ?? 0))
      .join('  ')
      .trimEnd();
  return [
    line(columns),
    ...rows.map((row) => line(columns.map((column) => row[column] ?? ''))),
  ].join('\n');
};
