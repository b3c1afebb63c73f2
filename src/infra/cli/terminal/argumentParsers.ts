import { InvalidArgumentError } from 'commander';
import { isDate } from '../../../domain/time/calendar.js';

const DATE_OR_TIME =
  /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?( ?Z|[+-]\d{2}:?\d{2})?)?$/i;

/** A date, which begins at midnight UTC, or a date and time; without an offset that of this machine. */
export const moment = (text: string): Date => {
  const date = new Date(text);
  if (!DATE_OR_TIME.test(text) || Number.isNaN(date.getTime())) {
    throw new InvalidArgumentError('not a date or time, such as 2026-02-06 or 2026-02-06T20:15Z');
  }
  // 31 June would be 1 July.
  if (new Date(text.slice(0, 10)).toISOString().slice(0, 10) !== text.slice(0, 10)) {
    throw new InvalidArgumentError('there is no such day');
  }
  return date;
};

/** A position of the log. */
export const position = (text: string): bigint => {
  if (!/^\d{1,18}$/.test(text)) throw new InvalidArgumentError('not a position of the log');
  return BigInt(text);
};

/** A whole number, 0 included. */
export const amount = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('not a number');
  return Number(text);
};

/** A day, `2026-11-20`. */
export const date = (text: string): string => {
  if (!isDate(text)) throw new InvalidArgumentError('not a date such as 2026-11-20');
  return text;
};

/** An id, in lower case as the log has it. */
export const id = (text: string): string => {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) {
    throw new InvalidArgumentError('not an id');
  }
  return text.toLowerCase();
};

/** A name that there is not would select nothing, which looks like an answer. */
export const oneOf =
  (names: readonly string[]) =>
  (text: string): string => {
    const name = text.trim();
    if (!names.includes(name)) throw new InvalidArgumentError(`there are: ${names.join(', ')}`);
    return name;
  };

/** Several of the names, by comma or by giving the option repeatedly. */
export const someOf =
  (names: readonly string[]) =>
  (text: string, before: readonly string[] | undefined): readonly string[] => [
    ...(before ?? []),
    ...text.split(',').map(oneOf(names)),
  ];
