import type { RebuildStore } from '../../projections/ports/rebuildStore.js';
import type { ScratchSites } from '../../projections/ports/verification.js';
import type { Job } from './job.js';

/** Rows that a rebuild replaced take as much room as those that are served: nobody goes back for ever. */
export const forgetRebuilds = (
  rebuilds: Pick<RebuildStore, 'dropOutlived'>,
  scratch: Pick<ScratchSites, 'dropLeftOvers'>,
  days: number,
): Job => ({
  name: 'forget-builds',
  meaning: `drops rows that a rebuild replaced more than ${days} days ago, and what killed verifications left`,
  schedule: '47 3 * * *',
  everyMs: 86_400_000,
  limitMs: 600_000,
  run: async (signal) => {
    const dropped = await rebuilds.dropOutlived(days, signal);
    signal.throwIfAborted();
    await scratch.dropLeftOvers();
    if (dropped.length === 0) return 'dropped nothing';
    return `dropped ${dropped.map(({ schema }) => schema).join(', ')}`;
  },
});
