import { startThread, type ThreadData, type ThreadMemory } from '../thread.js';

/** What the builder's thread is told. */
export interface BuilderThreadData extends ThreadData {
  /** The read models to build; default: all that are under way. */
  readonly names?: readonly string[];
  /** Among how many threads, with this one, builds are divided and the memory is. */
  readonly workers: number;
}

/**
 * Several times what is alive at once: without a limit Node would let garbage lie for as long as there is room. Those
 * who work on the same builds have together what one has.
 */
export const memoryAmong = (workers: number): ThreadMemory => ({
  maxYoungGenerationSizeMb: Math.ceil(96 / workers),
  maxOldGenerationSizeMb: Math.ceil(384 / workers),
});

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
  const thread = startThread(main, data, memoryAmong(data.workers));
  const stop = () => void thread.stop();
  signal.addEventListener('abort', stop, { once: true });
  await thread.ended;
  signal.removeEventListener('abort', stop);
  if (!signal.aborted) thread.failed.throwIfAborted();
};
