/** A table that is printed as its rows come: a column grows with what is in it, and never shrinks. */
export interface GrowingTable {
  /** The next lines; before the first of them the names of the columns. */
  lines(rows: readonly (readonly string[])[]): readonly string[];
}

export const growingTable = (columns: readonly string[]): GrowingTable => {
  let widths = columns.map(({ length }) => length);
  let isNew = true;
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, nth) => cell.padEnd(widths[nth] ?? 0))
      .join('  ')
      .trimEnd();
  return {
    lines: (rows) => {
      widths = widths.map((width, nth) =>
        rows.reduce((widest, row) => Math.max(widest, row[nth]?.length ?? 0), width),
      );
      const head = isNew ? [line(columns)] : [];
      isNew = false;
      return [...head, ...rows.map(line)];
    },
  };
};
