import { importMovieLensInto } from './dataFolders.js';
import { median, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';

/** The whole import as its user runs it: commands, log, and every read model up to the last event. */
export const importMovieLens: BenchRow = {
  names: ['import.movielens'],
  run: async ({ folders, report }) => {
    // The folder that other rows share was made by the same import.
    const runs = [(await folders.history(report)).imported];
    while (runs.length < ROUNDS) runs.push(await withTemporaryFolder(importMovieLensInto));
    const rates = runs.map(({ eventsPerSecond }) => eventsPerSecond);
    report(`${rates.map((rate) => rate.toFixed(0)).join(', ')} events/s`);
    const note = `${runs[0]?.events ?? 0} events`;
    return { 'import.movielens': { value: median(rates), note } };
  },
};
