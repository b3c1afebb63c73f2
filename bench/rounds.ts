/** One of those compared: does its work once and says how many units it did. */
export interface Contender {
  readonly name: string;
  readonly work: () => Promise<number>;
}

/**
 * Runs the contenders in turns, so that what slows the machine slows them all, after one round that does not
 * count.
 * @returns each one's rate in every round, in units per second
 */
export const inTurns = async (
  contenders: readonly Contender[],
  rounds: number,
  report: (progress: string) => void,
): Promise<ReadonlyMap<string, readonly number[]>> => {
  const rates = new Map<string, number[]>(contenders.map(({ name }) => [name, []]));
  for (let round = 0; round <= rounds; round += 1) {
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

export const median = (values: readonly number[]): number => {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const [low = 0, high = 0] = [sorted[(sorted.length - 1) >> 1], sorted[middle]];
  return (low + high) / 2;
};

/** The median over the rounds of how many times as fast one was as another in the same round. */
export const medianRatio = (ours: readonly number[], theirs: readonly number[]): number =>
  median(ours.map((rate, round) => rate / (theirs[round] ?? Number.NaN)));
