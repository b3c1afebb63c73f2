/** Choices that look random and can be made again: the same seed gives the same ones. */
export interface Chance {
  /** From 0 to below 1. */
  fraction(): number;
  /** A whole number, both ends included. */
  between(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  /** A UUID (version 4, by its form). */
  uuid(): string;
  /** Choices of its own for somebody else: what one draws does not change what the other gets. */
  fork(): Chance;
}

/** The seed of this run, printed by the suites that use it: `REELLOG_TEST_SEED` runs one again. */
export const testSeed: number =
  process.env.REELLOG_TEST_SEED === undefined
    ? Math.floor(Math.random() * 2 ** 31)
    : Number(process.env.REELLOG_TEST_SEED);

/** SplitMix32: a counter, mixed until no bit of it can be told from chance. */
export const seededChance = (seed: number): Chance => {
  let counter = seed >>> 0;
  const word = (): number => {
    counter = (counter + 0x9e3779b9) >>> 0;
    let mixed = counter;
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
  const fraction = (): number => word() / 2 ** 32;
  const between = (least: number, most: number): number =>
    least + Math.floor(fraction() * (most - least + 1));
  const hex = (): string => word().toString(16).padStart(8, '0');
  return {
    fraction,
    between,
    pick: (from) => {
      const chosen = from[between(0, from.length - 1)];
      if (chosen === undefined) throw new Error('there is nothing to choose from');
      return chosen;
    },
    uuid: () => {
      const digits = hex() + hex() + hex() + hex();
      const variant = ((parseInt(digits.slice(16, 17), 16) & 3) | 8).toString(16);
      return [
        ...[digits.slice(0, 8), digits.slice(8, 12), `4${digits.slice(13, 16)}`],
        ...[`${variant}${digits.slice(17, 20)}`, digits.slice(20, 32)],
      ].join('-');
    },
    fork: () => seededChance(word()),
  };
};
