import type { ParkedEvent } from '../../../../projections/ports/parking.js';
import type { Reellog } from '../../../composition/service.js';
import { UsageError } from '../../exitCodes.js';

/** What the commands' arguments are called. */
export const FIRST = [
  '[id-or-read-model]',
  'the number of a parked event, or a read model',
] as const;
export const SECOND = ['[position]', 'of the event in the log, after the read model'] as const;
export const ALL = ['--all', 'every event that is parked, or that is for this read model'] as const;
export const JSON_OPTION = ['--json', 'as JSON'] as const;

/** Which events are meant: as they were typed. */
export type Choice = readonly [first: string | undefined, second: string | undefined];

/** @throws {UsageError} */
export const knownName = ({ engine }: Reellog, name: string): string => {
  if (engine.names.includes(name)) return name;
  throw new UsageError(
    `There is no read model "${name}". There are: ${engine.names.join(', ')}. Or give the number of a parked event.`,
  );
};

/** A read model and a position, where that is what was typed. @throws {UsageError} */
export const placeIn = (
  reellog: Reellog,
  [first, second]: Choice,
): { readonly projection: string; readonly position: bigint } | undefined => {
  if (first === undefined || second === undefined) return undefined;
  const position = numberIn(second);
  if (position === undefined) throw new UsageError(`"${second}" is no position of the log.`);
  return { projection: knownName(reellog, first), position };
};

/** The one event that is named, parked or not any more. @throws {UsageError} */
export const named = async (reellog: Reellog, choice: Choice): Promise<ParkedEvent> => {
  const { parked } = reellog;
  const place = placeIn(reellog, choice);
  if (place) {
    const found = await parked.at(place.projection, place.position);
    if (found) return found;
    throw new UsageError(`${place.projection} has nothing parked at position ${place.position}.`);
  }
  const [first = ''] = choice;
  const id = numberIn(first);
  if (id === undefined) {
    knownName(reellog, first);
    throw new UsageError(`Say at which position of the log the event is.`);
  }
  const found = await parked.show(id);
  if (!found) throw new UsageError(`There is no parked event ${first}.`);
  return found.parked;
};

/** Those that an act is about, in the order of the log: one, or with `--all` many. @throws {UsageError} */
export const chosen = async (
  reellog: Reellog,
  choice: Choice,
  { all }: { readonly all?: true },
): Promise<readonly ParkedEvent[]> => {
  const [first, second] = choice;
  if (all !== true) {
    if (first !== undefined) return [await named(reellog, choice)];
    throw new UsageError(
      'Name a parked event by its number, or by its read model and position, or say --all.',
    );
  }
  if (second !== undefined) throw new UsageError('Give a position or --all, not both.');
  const found = await reellog.parked.list(
    first === undefined ? {} : { projection: knownName(reellog, first) },
  );
  return [...found].sort((a, b) => (a.event.position < b.event.position ? -1 : 1));
};

const numberIn = (text: string): bigint | undefined =>
  /^\d{1,18}$/.test(text) ? BigInt(text) : undefined;
