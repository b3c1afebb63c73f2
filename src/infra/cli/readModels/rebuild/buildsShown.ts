import type { WatchedBuild } from '../../../../projections/buildWatch.js';
import { isUnderWay } from '../../../../projections/ports/builds.js';

/** What is shown of one build, or of several together. */
export interface Shown {
  readonly label: string;
  readonly done: number;
  readonly total: number;
  /** Events a second. */
  readonly rate: number;
  readonly left: string;
  readonly doing: string;
}

/** Each build, and where there are several all of them together. */
export const shownOf = (builds: readonly WatchedBuild[]): readonly Shown[] => {
  const each = builds.map((build) => ({
    label: build.name,
    done: Number(isUnderWay(build) ? build.position : build.target),
    total: Number(build.target),
    rate: Math.round(build.rate),
    left: leftOf([build]),
    doing: doingOf(build),
  }));
  if (each.length < 2) return each;
  const sum = (of: (shown: Shown) => number) => each.reduce((total, shown) => total + of(shown), 0);
  const ended = builds.filter((build) => !isUnderWay(build)).length;
  return [
    ...each,
    {
      label: 'together',
      done: sum(({ done }) => done),
      total: sum(({ total }) => total),
      rate: sum(({ rate }) => rate),
      left: leftOf(builds),
      doing: `${ended} of ${builds.length} done`,
    },
  ];
};

const doingOf = (build: WatchedBuild): string => {
  if (!isUnderWay(build)) return build.state;
  if (build.cancelRequested) return 'being cancelled';
  if (build.state !== 'waiting' && !build.led) return 'waiting for a builder';
  return build.state;
};

/** Those that take longest are the last to be done. */
const leftOf = (builds: readonly WatchedBuild[]): string => {
  const underWay = builds.filter(isUnderWay);
  const seconds = underWay.map(({ secondsLeft }) => secondsLeft);
  if (seconds.includes(undefined)) return 'time left not known yet';
  const most = Math.round(Math.max(0, ...seconds.map((some) => some ?? 0)));
  const minutes = Math.floor(most / 60);
  return minutes === 0 ? `${most} s left` : `${minutes} min ${most % 60} s left`;
};
