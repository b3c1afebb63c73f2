/**
 * How many letters have to be added, left out, changed, or swapped with their neighbour to make one text of the
 * other ("optimal string alignment"), counted up to a limit.
 * @param ofBeginning the least for any beginning of the second text: it goes on
 * @returns more than `most` where more are needed
 */
export const editDistance = (
  text: string,
  other: string,
  most: number,
  ofBeginning = false,
): number => {
  const rows = text.length;
  const tooFar = most + 1;
  if (!ofBeginning && Math.abs(rows - other.length) > most) return tooFar;
  const columns = Math.min(other.length, rows + most);
  // The rows of the usual table; only what is near its diagonal can be near enough.
  let before: number[] = [];
  let above = Array.from({ length: columns + 1 }, (_, column) => Math.min(column, tooFar));
  for (let row = 1; row <= rows; row += 1) {
    const here = new Array<number>(columns + 1).fill(tooFar);
    if (row <= most) here[0] = row;
    let least = here[0] ?? tooFar;
    const letter = text.charCodeAt(row - 1);
    const last = Math.min(columns, row + most);
    for (let column = Math.max(1, row - most); column <= last; column += 1) {
      const same = letter === other.charCodeAt(column - 1);
      let cost = Math.min(
        at(above, column) + 1,
        at(here, column - 1) + 1,
        at(above, column - 1) + (same ? 0 : 1),
      );
      const swapped =
        !same &&
        row > 1 &&
        column > 1 &&
        letter === other.charCodeAt(column - 2) &&
        text.charCodeAt(row - 2) === other.charCodeAt(column - 1);
      if (swapped) cost = Math.min(cost, at(before, column - 2) + 1);
      here[column] = cost;
      if (cost < least) least = cost;
    }
    if (least > most) return tooFar;
    before = above;
    above = here;
  }
  return Math.min(ofBeginning ? Math.min(...above) : at(above, columns), tooFar);
};

const at = (row: readonly number[], column: number): number => row[column] ?? 0;

/** Whether the first letters of two words let one be the other with a typo or two; looked at before all letters are. */
export const mayBeMisspelt = (text: string, other: string): boolean => {
  const [one, two] = [text[0], text[1]];
  return one === other[0] || two === other[1] || one === other[1] || two === other[0];
};
