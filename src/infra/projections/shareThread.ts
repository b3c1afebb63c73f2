import type { ShareWork, StartShareWorker } from '../../projections/ports/shares.js';
import { startThread, type ThreadData } from '../thread.js';
import { BUILDERS_MEMORY } from './builderThread.js';

/** What the thread of a worker of shares is told at first. */
export interface ShareThreadData extends ThreadData {
  readonly work: ShareWork;
}

/** What it is told later. */
export type ToldOfShares =
  'stop' | { readonly letGo: bigint } | { readonly pace: number | undefined };

/** Workers of shares in threads of their own, beside the builder's. */
export const shareThreads =
  (place: ThreadData): StartShareWorker =>
  (work, hear) => {
    const main = new URL('./shareThreadMain.js', import.meta.url);
    const data: ShareThreadData = { ...place, work };
    const thread = startThread(main, data, BUILDERS_MEMORY);
    thread.port.on('message', hear);
    const tell = (message: ToldOfShares): void => {
      thread.port.postMessage(message);
    };
    return {
      letGo: (build) => {
        tell({ letGo: build });
      },
      pace: (pace) => {
        tell({ pace });
      },
      stop: () => void thread.stop(),
      ended: thread.ended.then(() => {
        thread.failed.throwIfAborted();
      }),
    };
  };
