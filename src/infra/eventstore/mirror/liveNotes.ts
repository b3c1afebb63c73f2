import type { Database } from '../../postgres/database.js';
import { noteLive, type Mirror } from './mirrorTable.js';

/** While it is live, that is noted so often; what is behind for less has been live all the time. */
const NOTE_MS = 1_000;

/** Notes whether a mirror is live, one note after the other. */
export interface LiveNotes {
  /** It has caught up with the server, or is behind. */
  is(live: boolean): void;
  /** Nobody knows whether it is, as the server is away. */
  unknown(): Promise<void>;
  /** Nobody keeps it any more. */
  close(): Promise<void>;
}

/** A note that fails is made again. */
export const createLiveNotes = (database: Database, mirror: Mirror): LiveNotes => {
  let live = false;
  /** Since when. */
  let since = performance.now();
  let noted: { readonly live: boolean; readonly at: number } | undefined;
  let last: Promise<void> = Promise.resolve();

  const write = async (): Promise<void> => {
    const [value, at] = [live, performance.now()];
    const isOld = noted === undefined || at - noted.at >= NOTE_MS;
    const isDue = value
      ? noted?.live !== true || isOld
      : noted?.live !== false && at - since >= NOTE_MS;
    if (!isDue) return;
    await noteLive(database, mirror, value).then(
      () => {
        noted = { live: value, at };
      },
      () => undefined,
    );
  };
  const next = (): Promise<void> => (last = last.then(write));
  const timer = setInterval(() => void next(), NOTE_MS / 2);
  const unknown = (): Promise<void> => {
    live = false;
    since = -NOTE_MS;
    return next();
  };
  return {
    is: (value) => {
      if (value === live) return;
      live = value;
      since = performance.now();
      void next();
    },
    unknown,
    close: () => {
      clearInterval(timer);
      return unknown();
    },
  };
};
