import { AsksTooMuch, PastUnavailable } from '../../../queries/ports/pastReadModels.js';

/** How much work runs, and waits, at once. */
export interface Places {
  readonly running: number;
  /** Of those, so many for one person: the rest is left to others, though nobody else may be there. */
  readonly runningOfOne: number;
  readonly waiting: number;
  readonly waitingOfOne: number;
}

/**
 * Runs some work at once; more waits for its turn, which people get one after the other, each with what they asked
 * first. Nobody waits behind all that somebody else has asked.
 * @throws {AsksTooMuch} the person has too much waiting
 * @throws {PastUnavailable} all people together have
 */
export type ConcurrencyLimit = <T>(
  who: string,
  work: () => Promise<T>,
  signal: AbortSignal,
) => Promise<T>;

/** What one person has there: the number that runs, and those that wait, oldest first. */
interface Share {
  running: number;
  readonly waiting: (() => void)[];
}

export const limitConcurrency = (places: Places): ConcurrencyLimit => {
  /** Everybody who has something there; whoever had a turn last is last. */
  const shares = new Map<string, Share>();
  let running = 0;
  let waiting = 0;

  const begin = (who: string, share: Share): void => {
    running += 1;
    share.running += 1;
    shares.set(who, share);
  };
  const hasPlace = (share: Share): boolean =>
    running < places.running && share.running < places.runningOfOne;

  const turn = async (who: string, signal: AbortSignal): Promise<void> => {
    const share = shares.get(who) ?? { running: 0, waiting: [] };
    // Whoever waits for a free place is there already: it would not be free otherwise.
    if (hasPlace(share)) {
      begin(who, share);
      return;
    }
    if (share.waiting.length >= places.waitingOfOne) {
      throw new AsksTooMuch('You ask too much about the past at once. Try again in a moment.');
    }
    if (waiting >= places.waiting) {
      throw new PastUnavailable('Too many ask about the past at once. Try again in a moment.');
    }
    shares.set(who, share);
    waiting += 1;
    await new Promise<void>((resolve, reject) => {
      const leave = () => {
        waiting -= 1;
        share.waiting.splice(share.waiting.indexOf(go), 1);
        forget(who, share);
        reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
      };
      const go = () => {
        waiting -= 1;
        signal.removeEventListener('abort', leave);
        resolve();
      };
      share.waiting.push(go);
      signal.addEventListener('abort', leave, { once: true });
    });
  };

  const forget = (who: string, share: Share): void => {
    if (share.running === 0 && share.waiting.length === 0) shares.delete(who);
  };

  const handOn = (): void => {
    for (const [who, share] of shares) {
      if (!hasPlace(share)) continue;
      const go = share.waiting.shift();
      if (!go) continue;
      begin(who, share);
      go();
      return;
    }
  };

  return async (who, work, signal) => {
    signal.throwIfAborted();
    await turn(who, signal);
    try {
      return await work();
    } finally {
      const share = shares.get(who);
      running -= 1;
      if (share) {
        share.running -= 1;
        shares.delete(who);
        if (share.running > 0 || share.waiting.length > 0) shares.set(who, share);
      }
      handOn();
    }
  };
};
