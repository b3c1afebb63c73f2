import { once } from 'node:events';

/** The reader of our output went away (`| head`): nothing is left to do. */
export class OutputClosed extends Error {
  override readonly name = 'OutputClosed';
}

/**
 * Text as a terminal may have it: characters that would move its cursor, turn what follows or hide are written as
 * their number. Escape sequences of our own pass: text that people wrote never held any.
 */
export const shown = (text: string): string =>
  text.replace(
    /[\u007f-\u009f\u061c\u180e\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** Writes to standard output at the pace of its reader. @throws {OutputClosed} */
export const write = async (text: string | Uint8Array): Promise<void> => {
  if (process.stdout.destroyed) throw new OutputClosed('standard output is closed');
  const written = typeof text === 'string' && process.stdout.isTTY ? shown(text) : text;
  if (!process.stdout.write(written)) await once(process.stdout, 'drain');
};

export const writeLine = (text: string): Promise<void> => write(`${text}\n`);

/** JSON with bigints as decimal text. */
export const json = (value: unknown): string =>
  JSON.stringify(value, (_, inner: unknown) =>
    typeof inner === 'bigint' ? inner.toString() : inner,
  );

/** Rows as aligned columns under their names. */
export const table = (given: readonly Readonly<Record<string, string>>[]): string => {
  const rows = given.map((row) =>
    Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, shown(cell)])),
  );
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
