import { startThread, type ThreadData } from '../thread.js';

/**
 * Works on the builds under way in a thread of its own, so that whoever is answered meanwhile waits for nothing
 * but the machine. Resolves when they are served, or have ended otherwise, and when the signal aborts.
 */
export const buildInThread = async (data: ThreadData, signal: AbortSignal): Promise<void> => {
  signal.throwIfAborted();
  const thread = startThread(new URL('./builderThreadMain.js', import.meta.url), data);
  const stop = () => void thread.stop();
  signal.addEventListener('abort', stop, { once: true });
  await thread.ended;
  signal.removeEventListener('abort', stop);
  if (!signal.aborted) thread.failed.throwIfAborted();
};
