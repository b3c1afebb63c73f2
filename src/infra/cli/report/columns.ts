import { stripVTControlCharacters } from 'node:util';

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });
const graphemes = (text: string): readonly string[] =>
  Array.from(segmenter.segment(text), ({ segment }) => segment);

/** How many columns a text takes, control sequences aside: what a reader takes for a character takes one. */
export const columnsOf = (text: string): number => graphemes(stripVTControlCharacters(text)).length;

/** Cut to the width, with an ellipsis where something is missing. */
export const fitted = (text: string, width: number): string => {
  const characters = graphemes(text);
  return characters.length <= width
    ? text
    : `${characters.slice(0, Math.max(0, width - 1)).join('')}…`;
};

/** Filled with blanks up to the width. */
export const padded = (text: string, width: number): string =>
  text + ' '.repeat(Math.max(0, width - columnsOf(text)));

const GAP = 4;
/** Less than this, and a block is no longer readable. */
const LEAST = 34;

/** Two blocks side by side where there is room, one below the other where there is not. */
export const beside = (
  left: (width: number) => readonly string[],
  right: (width: number) => readonly string[],
  width: number,
): readonly string[] => {
  const half = Math.floor((width - GAP) / 2);
  if (half < LEAST) return [...left(width), '', ...right(width)];
  const [first, second] = [left(half), right(half)];
  return Array.from({ length: Math.max(first.length, second.length) }, (_, index) =>
    `${padded(first[index] ?? '', half + GAP)}${second[index] ?? ''}`.trimEnd(),
  );
};
