/** One of those compared: does its work once and says how many units it did. */
export interface Contender {
  readonly name: string;
  readonly work: () => Promise<number>;
}

/** How often each is measured: figures are medians of these. */
export const ROUNDS = 3;

/**
 * Runs the contenders in turns, so that what slows the machine slows them all, after one round that does not
 * count.
 * @returns each one's rate in every round, in units per second
 */
export const inTurns = async (
  contenders: readonly Contender[],
  report: (progress: string) => void,
  { rounds = ROUNDS, warmUp = true }: { readonly rounds?: number; readonly warmUp?: boolean } = {},
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = warmUp ? 0 : 1; round <= rounds; round += 1) {
    for (const { name, work } of contenders) {
      const started = performance.now();
      const units = await work();
      const rate = units / ((performance.now() - started) / 1000);
      report(
        `${round === 0 ? 'warm-up' : `round ${round}/${rounds}`}: ${name} ${rate.toFixed(0)}/s`,
      );
      if (round > 0) rates.get(name)?.push(rate);
    }
  }
  return rates;
};

export const median = (values: readonly number[]): number => quantile(values, 0.5);

/** The value that so many of them are not above, between two of them in proportion. */
export const quantile = (values: readonly number[], share: number): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const place = share * (sorted.length - 1);
  const [low = Number.NaN, high = Number.NaN] = [
    sorted[Math.floor(place)],
    sorted[Math.ceil(place)],
  ];
  return low + (high - low) * (place - Math.floor(place));
};

/** The median over the rounds of how many times one was another in the same round. */
export const medianRatio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((value, round) => value / (theirs[round] ?? Number.NaN)));

/** Ours and theirs of a figure as the table has them. */
export const held = (ours: readonly number[], theirs: readonly number[]) => ({
  value: median(theirs),
  ratio: medianRatio(ours, theirs),
});
