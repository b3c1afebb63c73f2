/** What one benchmark found. */
export interface Measured {
  /** What was measured, per second unless the unit says otherwise. */
  readonly value: number;
  readonly unit: string;
  /** What ran beside it in the same run, and how many times as fast ours is. */
  readonly against: readonly {
    readonly name: string;
    readonly value: number;
    readonly ratio: number;
    /** The least ratio that we hold ourselves to. */
    readonly least: number;
  }[];
  /** The least value that we hold ourselves to, where there is nothing to compare with. */
  readonly least?: number;
  /** The greatest, where less is better. */
  readonly most?: number;
  readonly note?: string;
}

/** One line of `npm run bench`. */
export interface BenchRow {
  readonly name: string;
  readonly about: string;
  run(report: (progress: string) => void): Promise<Measured>;
}

/** Whether every figure is as good as it has to be. */
export const isGood = ({ value, least, most, against }: Measured): boolean =>
  (least === undefined || value >= least) &&
  (most === undefined || value <= most) &&
  against.every(({ ratio, least: r }) => ratio >= r);
