import { fitted, padded } from './columns.js';
import type { Paint } from './paint.js';

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];

/** A bar of up to `width` columns, exact to an eighth of one; never nothing for something. */
export const bar = (value: number, most: number, width: number): string => {
  if (value <= 0 || most <= 0) return '';
  const eighths = Math.max(1, Math.round((Math.min(value, most) / most) * width * 8));
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
};

/** A bar of `width` columns of which a part is filled: how far something is. */
export const progressBar = (value: number, target: number, width: number): string => {
  const filled = target <= 0 ? width : Math.floor((Math.min(value, target) / target) * width);
  return '█'.repeat(filled) + '░'.repeat(width - filled);
};

export interface BarRow {
  readonly label: string;
  readonly value: number;
}

const LONGEST_LABEL = 16;

/** Bars below a heading, each with its label before and its value behind. */
export const barChart = (
  heading: string,
  rows: readonly BarRow[],
  width: number,
  paint: Paint,
): readonly string[] => {
  const most = Math.max(0, ...rows.map(({ value }) => value));
  const values = rows.map(({ value }) => value.toLocaleString('en'));
  const valueWidth = Math.max(1, ...values.map(({ length }) => length));
  const labelWidth = Math.min(LONGEST_LABEL, Math.max(0, ...rows.map(({ label }) => label.length)));
  const barWidth = Math.max(1, width - labelWidth - valueWidth - 2);
  return [
    paint.heading(heading),
    ...rows.map(({ label, value }, index) => {
      const name = padded(fitted(label, labelWidth), labelWidth);
      const drawn = paint.ink(bar(value, most, barWidth));
      return `${name} ${drawn}${drawn === '' ? '' : ' '}${values[index] ?? ''}`;
    }),
  ];
};
