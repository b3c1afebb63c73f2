/** How text stands out on a terminal. */
export interface Paint {
  readonly heading: (text: string) => string;
  /** What is measured: bars, days with a watch. */
  readonly ink: (text: string) => string;
  readonly faint: (text: string) => string;
  readonly earned: (text: string) => string;
}

/** Select Graphic Rendition (ECMA-48 §8.3.117): on before the text, off behind it. */
const rendition =
  (on: number, off: number) =>
  (text: string): string =>
    text === '' ? '' : `\u001b[${on}m${text}\u001b[${off}m`;
const unchanged = (text: string): string => text;

export const coloured: Paint = {
  heading: rendition(1, 22),
  ink: rendition(32, 39),
  faint: rendition(2, 22),
  earned: rendition(33, 39),
};

export const plain: Paint = {
  heading: unchanged,
  ink: unchanged,
  faint: unchanged,
  earned: unchanged,
};

/** Colours on a terminal that has them and whose user wants them (https://no-color.org). */
export const paintFor = (
  stream: { readonly isTTY?: boolean },
  environment: Readonly<Record<string, string | undefined>>,
): Paint => {
  const { NO_COLOR: noColour = '', TERM: terminal } = environment;
  return stream.isTTY === true && noColour === '' && terminal !== 'dumb' ? coloured : plain;
};
