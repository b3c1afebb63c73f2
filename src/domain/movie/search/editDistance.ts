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
  const columns = Math.min(other.length, rows + most);
  const tooFar = most + 1;
  if (!ofBeginning && Math.abs(rows - other.length) > most) return tooFar;
  let before: number[] = [];
  let above = Array.from({ length: columns + 1 }, (_, column) => column);
  for (let row = 1; row <= rows; row += 1) {
    const here = [row];
    let least = row;
    const letter = text.charCodeAt(row - 1);
    for (let column = 1; column <= columns; column += 1) {
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
      here.push(cost);
      if (cost < least) least = cost;
    }
    if (least > most) return tooFar;
    before = above;
    above = here;
  }
  const distance = ofBeginning ? Math.min(...above) : at(above, columns);
  return Math.min(distance, tooFar);
};

const at = (row: readonly number[], column: number): number => row[column] ?? 0;
