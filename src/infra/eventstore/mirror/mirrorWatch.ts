import type { Logger } from 'pino';
import { stoppedWaiting } from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { failure } from '../failure.js';
import { mirrorState, type Mirror, type MirrorState } from './mirrorTable.js';

/** The safety net under notifications. */
const POLL_MS = 1_000;

/** How a mirror is, in whatever process it is kept. */
export interface MirrorWatch {
  state(): MirrorState;
  /** Until the mirror has what is at a position. @throws {EventStoreError} `past-gone`, `timeout`, `aborted` */
  reached(position: bigint, limitMs: number, signal?: AbortSignal): Promise<void>;
  /** Until the mirror has caught up. @throws {EventStoreError} `past-gone`, `aborted` */
  caughtUp(signal?: AbortSignal): Promise<void>;
  close(): Promise<void>;
}

export const watchMirror = async (
  database: Database,
  mirror: Mirror,
  logger: Logger,
): Promise<MirrorWatch> => {
  let state = await mirrorState(database, mirror);
  let head = state.last?.commit ?? 0n;
  const waiting = new Set<() => void>();
  let looking: Promise<void> | undefined;
  let again = false;

  const wakeAll = (): void => {
    for (const wake of [...waiting]) wake();
  };
  const advance = (position: bigint): void => {
    if (position > head) head = position;
  };
  const lookOnce = async (): Promise<void> => {
    again = false;
    try {
      state = await mirrorState(database, mirror);
      advance(state.last?.commit ?? 0n);
    } catch (error) {
      logger.debug({ err: error }, 'cannot see how the mirror is');
    }
    wakeAll();
  };
  const isAskedAgain = (): boolean => again;
  const look = (): void => {
    again = looking !== undefined;
    looking ??= (async () => {
      await lookOnce();
      while (isAskedAgain()) await lookOnce();
      looking = undefined;
    })();
  };
  const listening = database.listen([mirror.tables.channel], {
    // How far it is, or else that something else has changed.
    onNotification: (_, payload) => {
      if (payload === '') {
        look();
      } else {
        advance(BigInt(payload));
        wakeAll();
      }
    },
    onListening: look,
  });
  const poll = setInterval(look, POLL_MS);

  const until = (
    is: () => boolean,
    limitMs: number | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> =>
    new Promise((resolve, reject) => {
      const settle = (): void => {
        clearTimeout(timer);
        waiting.delete(check);
        signal?.removeEventListener('abort', stop);
      };
      const check = (): void => {
        if (state.fault !== undefined) {
          settle();
          reject(failure({ kind: 'past-gone' }, state.fault));
        } else if (is()) {
          settle();
          resolve();
        }
      };
      const stop = (): void => {
        settle();
        if (signal) reject(stoppedWaiting(signal));
      };
      const timer =
        limitMs === undefined
          ? undefined
          : setTimeout(() => {
              settle();
              reject(
                failure(
                  { kind: 'timeout' },
                  `the mirror of the log is more than ${limitMs} ms behind`,
                ),
              );
            }, limitMs);
      waiting.add(check);
      signal?.addEventListener('abort', stop, { once: true });
      if (signal?.aborted) stop();
      else check();
    });

  return {
    state: () => state,
    reached: (position, limitMs, signal) =>
      head >= position ? Promise.resolve() : until(() => head >= position, limitMs, signal),
    caughtUp: (signal) => until(() => state.live, undefined, signal),
    close: async () => {
      clearInterval(poll);
      await listening.close();
      await looking;
    },
  };
};
