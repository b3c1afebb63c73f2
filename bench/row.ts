import type { DataFolders } from './data/dataFolders.js';
import { figures, type Bound, type Figure, type FigureName, type Rival } from './figures.js';

/** What ran beside it, in the figure's unit, and how many times that ours is. */
export interface Compared {
  readonly value: number;
  readonly ratio: number;
}

/** What was found of one figure. */
export interface Measured {
  readonly value: number;
  readonly against?: Readonly<Partial<Record<Rival, Compared>>>;
  /** What beside the value must hold as well: of memory, that it does not grow. */
  readonly also?: Bound & { readonly what: string; readonly value: number };
  readonly note?: string;
  /** The server that it was measured on, of rows that can have several. */
  readonly on?: string;
}

/** Figures that are found by the same work. */
export interface BenchRow {
  readonly names: readonly FigureName[];
  run(workshop: Workshop): Promise<Partial<Record<FigureName, Measured>>>;
}

/** What a row has to work with. */
export interface Workshop {
  /** Says how far it is. */
  readonly report: (progress: string) => void;
  readonly folders: DataFolders;
}

/** A row of the table as it turned out. */
export interface Result extends Measured {
  readonly name: FigureName;
  readonly unit: string;
  /** What was not reached; empty where all was. */
  readonly short: readonly string[];
  readonly boundBy: string;
}

export const resultOf = (name: FigureName, measured: Measured): Result => {
  const figure: Figure = figures[name];
  const { value, against, also } = measured;
  const short = [
    missed('', value, figure.value),
    ...Object.entries(figure.against ?? {}).map(([rival, bound]) =>
      missed(` × ${rival}`, against?.[rival as Rival]?.ratio ?? Number.NaN, bound),
    ),
    also && missed(` ${also.what}`, also.value, also),
  ].filter((one) => one !== undefined);
  const { unit, boundBy } = figure;
  return { ...measured, ...{ name, unit, short, boundBy } };
};

/** What was measured and not reached; what is not a number reaches nothing. */
const missed = (of: string, value: number, bound: Bound | undefined): string | undefined => {
  const { least, most } = bound ?? {};
  if (least !== undefined && !(value >= least)) return `${shown(value)}${of}, not ${shown(least)}`;
  if (most !== undefined && !(value <= most)) {
    return `${shown(value)}${of}, more than ${shown(most)}`;
  }
  return undefined;
};

/** Three digits or more, as one reads them. */
export const shown = (value: number): string =>
  value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 2 : value < 100 ? 1 : 0 });
