import { startThread, type ThreadData, type ThreadMemory } from '../../thread.js';

/** What the rebuilder's thread is told. */
export interface RebuilderThreadData extends ThreadData {
  /** The read models to rebuild; default: all that are under way. */
  readonly names?: readonly string[];
}

/** Of a thread that rebuilds: it keeps a tenth of this alive. */
export const BUILDERS_MEMORY: ThreadMemory = { semiSpace: 16, oldGeneration: 512, oldAtFirst: 96 };

/**
 * Works on the rebuilds under way in a thread of its own, so that whoever is answered meanwhile waits for nothing
 * but the machine. Resolves when they are served, or have ended otherwise, and when the signal aborts.
 */
export const rebuildInThread = async (
  data: RebuilderThreadData,
  signal: AbortSignal,
): Promise<void> => {
  signal.throwIfAborted();
  const main = new URL('./rebuilderThreadMain.js', import.meta.url);
  const thread = startThread(main, data, BUILDERS_MEMORY);
  const stop = () => void thread.stop();
  signal.addEventListener('abort', stop, { once: true });
  await thread.ended;
  signal.removeEventListener('abort', stop);
  if (!signal.aborted) thread.failed.throwIfAborted();
};
