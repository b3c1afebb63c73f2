/**
 * What a server takes its time for. A double without costs is quick where a server is slow: what is measured on
 * it says nothing of how often something is read or appended.
 */
export interface Costs {
  /** How long a read waits for its first answer. */
  readonly readMilliseconds: number;
  /** How many reads are begun in a second, of all clients together. */
  readonly readsPerSecond: number;
  /** How long a flush to the disk takes, which appends share that arrive together. */
  readonly flushMilliseconds: number;
  /** How many appends are written in a second, however many are under way. */
  readonly appendsPerSecond: number;
  /** How many events one read or subscription is given in a second while it catches up. */
  readonly eventsPerSecond: number;
  /** How many events of others a filter passes over in a second. */
  readonly scannedPerSecond: number;
}

/**
 * As measured on a node of 23.10 with its client beside it on two cores: a small stream is read in 1 to 2 ms; an
 * append takes 2 to 3.4 ms, and 4,200 a second are written with 1,024 under way; a subscription to `$all` gets
 * 11,000 to 15,000 events a second, and one whose filter fits nothing passes over 400,000.
 */
export const realCosts: Costs = {
  readMilliseconds: 1.5,
  readsPerSecond: 2_000,
  flushMilliseconds: 2,
  appendsPerSecond: 4_200,
  eventsPerSecond: 13_000,
  scannedPerSecond: 400_000,
};

const free: Costs = {
  readMilliseconds: 0,
  readsPerSecond: Infinity,
  flushMilliseconds: 0,
  appendsPerSecond: Infinity,
  eventsPerSecond: Infinity,
  scannedPerSecond: Infinity,
};

/** What is not said costs nothing. */
export type ChosenCosts = 'real' | Partial<Costs>;

export const costsOf = (chosen: ChosenCosts = {}): Costs =>
  chosen === 'real' ? realCosts : { ...free, ...chosen };

const isCost = (name: string): name is keyof Costs => name in free;

/** Reads `real`, or numbers such as `readMilliseconds=1.5,readsPerSecond=2000`. */
export const parseCosts = (text: string): ChosenCosts => {
  if (text === 'real') return text;
  const chosen: Partial<Record<keyof Costs, number>> = {};
  for (const part of text.split(',')) {
    const [name = '', value = ''] = part.split('=');
    if (!isCost(name) || !/^\d+(\.\d+)?$/.test(value)) {
      throw new Error(`"${part}" is no cost; there are ${Object.keys(free).join(', ')}.`);
    }
    chosen[name] = Number(value);
  }
  return chosen;
};
