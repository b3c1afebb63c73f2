import type { WatchedRebuild } from '../../../../projections/rebuildWatch.js';
import { isUnderWay } from '../../../../projections/ports/rebuildStore.js';

/** What is shown of one rebuild, or of several together. */
export interface Shown {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Events a second. */
  readonly rate: number;
  readonly left: string;
  readonly doing: string;
}

/** Each rebuild, and where there are several all of them together. */
export const shownOf = (rebuilds: readonly WatchedRebuild[]): readonly Shown[] => {
  const each = rebuilds.map((rebuild) => ({
    label: rebuild.name,
    done: Number(isUnderWay(rebuild) ? rebuild.position : rebuild.target),
    total: Number(rebuild.target),
    rate: Math.round(rebuild.rate),
    left: leftOf([rebuild]),
    doing: doingOf(rebuild),
  }));
  if (each.length < 2) return each;
  const sum = (of: (shown: Shown) => number) => each.reduce((total, shown) => total + of(shown), 0);
  const ended = rebuilds.filter((rebuild) => !isUnderWay(rebuild)).length;
  return [
    ...each,
    {
      label: 'together',
      done: sum(({ done }) => done),
      total: sum(({ total }) => total),
      rate: sum(({ rate }) => rate),
      left: leftOf(rebuilds),
      doing: `${ended} of ${rebuilds.length} done`,
    },
  ];
};

const doingOf = (rebuild: WatchedRebuild): string => {
  if (!isUnderWay(rebuild)) return rebuild.state;
  if (rebuild.cancelRequested) return 'being cancelled';
  if (rebuild.state !== 'waiting' && !rebuild.led) return 'waiting for a rebuilder';
  return rebuild.state;
};

/** Those that take longest are the last to be done. */
const leftOf = (rebuilds: readonly WatchedRebuild[]): string => {
  const underWay = rebuilds.filter(isUnderWay);
  const seconds = underWay.map(({ secondsLeft }) => secondsLeft);
  if (seconds.includes(undefined)) return 'time left not known yet';
  const most = Math.round(Math.max(0, ...seconds.map((some) => some ?? 0)));
  const minutes = Math.floor(most / 60);
  return minutes === 0 ? `${most} s left` : `${minutes} min ${most % 60} s left`;
};
