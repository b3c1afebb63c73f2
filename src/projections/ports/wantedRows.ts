/**
 * Which rows of a read model are made, by table: none, or those that have one of these values in each of these
 * columns; all of a table that is not named. What the fold itself goes by it keeps in memory all the same.
 */
export type WantedRows = Readonly<
  Record<string, 'none' | Readonly<Record<string, readonly unknown[]>>>
>;

/** Tells which rows of a table are wanted, by the columns that they have; `undefined` where all are. */
export const wantedOf = (
  wanted: WantedRows | undefined,
  table: string,
): ((row: object) => boolean) | undefined => {
  const ofTable = wanted?.[table];
  if (ofTable === undefined) return undefined;
  if (ofTable === 'none') return () => false;
  const columns = Object.entries(ofTable);
  return (row) => {
    const has: Readonly<Record<string, unknown>> = { ...row };
    return columns.every(([column, values]) => !(column in has) || values.includes(has[column]));
  };
};
