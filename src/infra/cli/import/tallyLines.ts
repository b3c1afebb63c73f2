import type { CommandTotals, Tally } from '../../imports/commandTallies.js';

/** One kind of thing that was imported, as a line of a report. */
export const tallyLine = (what: string, { added, alreadyThere, refused }: Tally): string =>
  `${what.padEnd(9)}${String(added).padStart(9)} added ${String(alreadyThere).padStart(9)} already there ` +
  `${String(refused).padStart(6)} refused`;

/** Why some were refused, with an example of each reason. */
export const refusedLines = ({ refused }: Pick<CommandTotals, 'refused'>): readonly string[] =>
  refused.map(({ code, count, example }) => `  refused ${count} × ${code}, such as ${example}`);
