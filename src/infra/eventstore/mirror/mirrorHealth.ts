import type { Mirror, MirrorState } from './mirrorTable.js';

/** What a process tells of the mirror that it reads. */
export interface MirrorHealth {
  readonly of: Mirror;
  /** As it was last heard of, a second ago at most. */
  state(): MirrorState;
}

/** How a mirror is, for people and their tools. */
export interface MirrorSummary {
  readonly state: 'live' | 'catching-up' | 'past-gone';
  readonly events: number;
  /** How long ago it was last known to have all of the server's log; 0 while it is live. */
  readonly lagSeconds: number;
  /** What is wrong, and what to do. */
  readonly fault?: string;
}

export const mirrorSummary = (mirror: MirrorHealth, now: Date): MirrorSummary => {
  const { ordinal, live, liveAt, fault } = mirror.state();
  const lagMs = live ? 0 : now.getTime() - (liveAt ?? now).getTime();
  return {
    state: fault === undefined ? (live ? 'live' : 'catching-up') : 'past-gone',
    events: Number(ordinal),
    lagSeconds: Math.max(0, lagMs) / 1_000,
    ...(fault === undefined ? {} : { fault }),
  };
};
