import type { Job } from '../job.js';

/** Less than the hour after which nobody takes a sync for one that runs (SEMANTICS D11). */
const LIMIT_MS = 55 * 60_000;

export const syncJob = (run: Job['run']): Job => ({
  name: 'sync',
  meaning: 'asks which films changed at TMDb, and has those of the catalogue looked up again',
  schedule: '23 4 * * *',
  ...{ everyMs: 86_400_000, limitMs: LIMIT_MS, run },
});
