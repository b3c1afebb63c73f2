import type { Logger } from 'pino';
import { startThread, type ThreadData, type ThreadMemory } from '../../thread.js';

/** What the thread is told: where the database and the server are, and which log's mirror it keeps. */
export interface MirrorThreadData extends ThreadData {
  readonly server: string;
}

const MEMORY: ThreadMemory = { semiSpace: 16 };
/** A thread that failed is started again after so long. */
const AGAIN_MS = 1_000;

/** Something that goes on until it is stopped. */
export interface Keeping {
  stop(): Promise<void>;
}

/** Keeps a mirror in a thread of its own, so that commands never hold it up. */
export const keepMirrorInThread = (data: MirrorThreadData, logger: Logger): Keeping => {
  const main = new URL('./mirrorThreadMain.js', import.meta.url);
  let stopped = false;
  let again: NodeJS.Timeout | undefined;
  const start = () => {
    const thread = startThread(main, data, MEMORY);
    void thread.ended.then(() => {
      if (stopped) return;
      logger.error(
        { err: thread.failed.reason as unknown },
        'the mirror’s thread ended: starting it again',
      );
      again = setTimeout(() => {
        running = start();
      }, AGAIN_MS);
    });
    return thread;
  };
  let running = start();
  return {
    stop: async () => {
      stopped = true;
      clearTimeout(again);
      await running.stop();
    },
  };
};
