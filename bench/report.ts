import { figures, type Bound, type Figure, type Rival } from './figures.js';
import { shown, type Result } from './row.js';

/** One result as a line of JSON. */
export const jsonOf = ({
  name,
  value,
  unit,
  against,
  also,
  note,
  on,
  short,
  boundBy,
}: Result): string =>
  JSON.stringify({
    ...{ name, value: rounded(value), unit },
    ratios: Object.fromEntries(
      Object.entries(against ?? {}).map(([rival, { ratio }]) => [rival, rounded(ratio)]),
    ),
    good: short.length === 0,
    ...(short.length === 0 ? {} : { short, heldBackBy: boundBy }),
    ...(also ? { also: { what: also.what, value: rounded(also.value) } } : {}),
    ...(note === undefined ? {} : { note }),
    ...(on === undefined ? {} : { on }),
  });

/** One result as lines of text: the value, and below it what it is held against and what is short. */
export const textOf = (result: Result): string => {
  const { name, value, unit, against, also, note, on, short, boundBy } = result;
  const figure: Figure = figures[name];
  const rivals = Object.entries(against ?? {}).map(([rival, theirs]) => {
    const held = figure.against?.[rival as Rival];
    const whose = `${held?.what ?? ''} (${shown(theirs.value)})`;
    return `${shown(theirs.ratio)} × ${rival}${demanded(held)}: ${whose}`;
  });
  const notes = [
    ...rivals,
    ...(also ? [`${shown(also.value)} ${also.what}${demanded(also)}`] : []),
    ...(note === undefined ? [] : [note]),
    ...(on === undefined ? [] : [`on ${on}`]),
    ...short.map((what) => `SHORT: ${what}`),
    ...(short.length === 0 ? [] : [`held back by ${boundBy}`]),
  ];
  return [
    `${name.padEnd(20)}${shown(value).padStart(9)} ${unit}${demanded(figure.value)}`,
    ...notes.map((text) => `${' '.repeat(30)}${text}`),
  ].join('\n');
};

export const MARKDOWN_HEAD =
  '| name | what | must reach | measured | reached |\n| --- | --- | --- | --- | --- |';

/** One result as a row of the table in `docs/performance.md`. */
export const markdownOf = ({ name, value, unit, against, on, short }: Result): string => {
  const ratios = Object.entries(against ?? {}).map(
    ([rival, { ratio }]) => `${rival} ${shown(ratio)}`,
  );
  const figure = figures[name];
  return [
    ...['', `\`${name}\``, figure.about, mustReach(figure)],
    ...[
      [`${shown(value)} ${unit}`, ...ratios, ...(on === undefined ? [] : [`on ${on}`])].join(', '),
      short.length === 0 ? 'yes' : 'short',
      '',
    ],
  ]
    .join(' | ')
    .trim();
};

/** What a figure must reach: of its value, and of each ratio. */
export const mustReach = ({ unit, value, against }: Figure): string =>
  [
    ...(value ? [`${boundText(value)} ${unit}`] : []),
    ...Object.entries(against ?? {}).map(([rival, bound]) => `${rival} ${boundText(bound)}`),
  ].join(', ');

const boundText = ({ least, most }: Bound): string =>
  least === undefined ? `≤ ${shown(most ?? Number.NaN)}` : `≥ ${shown(least)}`;

const demanded = (bound: Bound | undefined): string => (bound ? ` (${boundText(bound)})` : '');

const rounded = (value: number): number => Number(value.toPrecision(4));
