import { startThread, type ThreadData, type ThreadMemory } from '../../thread.js';

/** What the builder's thread is told. */
export interface BuilderThreadData extends ThreadData {
  /** The read models to build; default: all that are under way. */
  readonly names?: readonly string[];
}

/** Of a thread that builds: it keeps a tenth of this alive. */
export const BUILDERS_MEMORY: ThreadMemory = { semiSpace: 16, oldGeneration: 512, oldAtFirst: 96 };

/**
 * Works on the builds under way in a thread of its own, so that whoever is answered meanwhile waits for nothing
 * but the machine. Resolves when they are served, or have ended otherwise, and when the signal aborts.
 */
export const buildInThread = async (
  data: BuilderThreadData,
  signal: AbortSignal,
): Promise<void> => {
  signal.throwIfAborted();
  const main = new URL('./builderThreadMain.js', import.meta.url);
  const thread = startThread(main, data, BUILDERS_MEMORY);
  const stop = () => void thread.stop();
  signal.addEventListener('abort', stop, { once: true });
  await thread.ended;
  signal.removeEventListener('abort', stop);
  if (!signal.aborted) thread.failed.throwIfAborted();
};
