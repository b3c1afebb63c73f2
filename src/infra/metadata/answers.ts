import { isRecord } from '../../domain/record.js';

/** A part of an answer, of which nothing is certain: fields are missing, null, or of another type. */
export type Answer = Readonly<Record<string, unknown>>;

export const recordIn = (answer: Answer, field: string): Answer => {
  const value = answer[field];
  return isRecord(value) ? value : {};
};

/** The things in a list; whatever is none is left out. */
export const listIn = (answer: Answer, field: string): readonly Answer[] => {
  const value = answer[field];
  return Array.isArray(value) ? value.filter(isRecord) : [];
};

/** Text with something in it: providers have "" where nothing is known, too. */
export const textIn = (answer: Answer, field: string): string | undefined => {
  const value = answer[field];
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
};

/** A number that says something: 0 stands for unknown in amounts. */
export const amountIn = (answer: Answer, field: string): number | undefined => {
  const value = answer[field];
  return typeof value === 'number' && value > 0 ? value : undefined;
};

/** One field of each thing in a list, each value once. */
export const textsIn = (
  things: readonly Answer[],
  field: string,
  most: number,
): readonly string[] | undefined => {
  const texts = new Set(things.flatMap((thing) => textIn(thing, field) ?? []));
  return texts.size === 0 ? undefined : [...texts].slice(0, most);
};
