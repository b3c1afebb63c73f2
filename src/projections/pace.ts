/** How fast something gets on, and when it will be there. */
export interface Pace {
  /** Events read per second, of late. */
  readonly rate: number;
  /** Absent while it does not get on. */
  readonly secondsLeft?: number;
}

/** How far something has come. */
export interface Standing {
  readonly position: bigint;
  readonly target: bigint;
  readonly events: bigint;
}

interface Sample {
  readonly ms: number;
  readonly position: bigint;
  readonly events: bigint;
}

/** Long enough to even out the steps in which rebuilders tell of themselves, short enough to show a new throttle. */
const WINDOW_MS = 10_000;

/**
 * Reckons the pace of one rebuild from how far it was each time it was looked at. What went back, as after an
 * interruption, begins anew.
 */
export const createPaceMeter = (): ((standing: Standing, ms: number) => Pace) => {
  let samples: Sample[] = [];
  return ({ position, target, events }, ms) => {
    const last = samples.at(-1);
    if (last && (position < last.position || events < last.events)) samples = [];
    samples.push({ ms, position, events });
    // The one before the window stays: it is where the window begins.
    while (samples.length > 2 && (samples[1]?.ms ?? ms) <= ms - WINDOW_MS) samples.shift();
    const [first] = samples;
    if (!first || ms <= first.ms) return { rate: 0 };
    const seconds = (ms - first.ms) / 1000;
    const advance = Number(position - first.position) / seconds;
    const left = target > position ? Number(target - position) : 0;
    return {
      rate: Number(events - first.events) / seconds,
      ...(left === 0 ? { secondsLeft: 0 } : advance > 0 ? { secondsLeft: left / advance } : {}),
    };
  };
};
