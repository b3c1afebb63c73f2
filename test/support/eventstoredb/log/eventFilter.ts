import type { EventRecord } from './eventRecord.js';
import { isShownInAll } from './system/systemStreams.js';

/** Whether a reader of `$all` gets to see an event. */
export type EventFilter = (record: EventRecord) => boolean;

/** What `$all` shows to whoever does not filter: `EventFilter.DefaultAllFilter`. */
export const everythingShown: EventFilter = isShownInAll;

/** What a filter looks at: an event's stream, or its type. */
export type FilteredBy = 'stream' | 'type';

/** Events whose stream or type begins with one of these; with none, no event does. */
export const startingWith = (by: FilteredBy, prefixes: readonly string[]): EventFilter => {
  const [first, ...others] = prefixes;
  if (first === undefined) return () => false;
  if (others.length === 0) return (record) => record[by].startsWith(first) && isShownInAll(record);
  return (record) =>
    prefixes.some((prefix) => record[by].startsWith(prefix)) && isShownInAll(record);
};

/** .NET knows `\p{L}` and `\-` alike; JavaScript knows the one with its `u` flag only, the other without. */
const compile = (expression: string): RegExp => {
  try {
    return new RegExp(expression, 'u');
  } catch {
    return new RegExp(expression);
  }
};

/** Events whose stream or type matches somewhere: `Regex.Match` is not anchored either. */
export const matching = (by: FilteredBy, expression: string): EventFilter => {
  const regExp = compile(expression);
  return (record) => regExp.test(record[by]) && isShownInAll(record);
};
