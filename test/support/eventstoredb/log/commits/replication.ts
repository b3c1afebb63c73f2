/** Calls back once a write is replicated: of several in their order. */
export type Replicate = (replicated: () => void) => void;

export const atOnce: Replicate = (replicated) => {
  replicated();
};

/** How the writes of a cluster are replicated. */
export interface Replication {
  readonly replicate: Replicate;
  /** While held, no write is replicated; when let go, all that waited are. */
  held: boolean;
}

/** Replicates each write so many milliseconds after it was flushed to the disk; at once for none. */
export const createReplication = (milliseconds: number, flush: Replicate): Replication => {
  let waiting: (() => void)[] = [];
  let held = false;
  const replicate: Replicate = (replicated) => {
    if (held) waiting.push(replicated);
    else replicated();
  };
  return {
    replicate: (replicated) => {
      flush(() => {
        if (milliseconds === 0) replicate(replicated);
        else setTimeout(replicate, milliseconds, replicated);
      });
    },
    get held() {
      return held;
    },
    set held(value) {
      held = value;
      if (held) return;
      const all = waiting;
      waiting = [];
      for (const replicated of all) replicated();
    },
  };
};
