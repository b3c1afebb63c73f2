import { startThread, type RunningThread, type ThreadData } from '../../thread.js';

/**
 * Runs the projection engine beside this thread, so that a bulk import's commands and its read models have a core
 * each. Where another process leads, it stands by.
 */
export const startProjectionThread = (data: ThreadData): RunningThread =>
  startThread(new URL('./projectionThreadMain.js', import.meta.url), data, {
    semiSpace: 64,
  });
