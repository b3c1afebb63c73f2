import type { ParkedEvent } from '../../../../projections/ports/parking.js';
import { json, writeLine } from '../../terminal/output.js';

/** An act on one event, as it is told. */
export interface Told {
  readonly id: string;
  readonly projection: string;
  readonly position: string;
  readonly outcome: string;
  /** Absent where it was done. */
  readonly error?: string;
}

/** Something could not be done: each is told on standard output, and this by the exit code. */
export class NotAllDone extends Error {
  override readonly name = 'NotAllDone';
}

export const told = (
  { id, projection, event }: ParkedEvent,
  outcome: string,
  error?: string,
): Told => ({
  id: id.toString(),
  projection,
  position: event.position.toString(),
  outcome,
  ...(error === undefined ? {} : { error }),
});

/** @throws {NotAllDone} */
export const tell = async (
  acts: readonly Told[],
  { json: asJson }: { json?: true },
): Promise<void> => {
  if (asJson === true) await writeLine(json(acts));
  else await writeLine(acts.length === 0 ? 'Nothing is parked.' : acts.map(sentence).join('\n'));
  const left = acts.filter(({ error }) => error !== undefined).length;
  if (left > 0) throw new NotAllDone(`${left} of ${acts.length} could not be done.`);
};

const sentence = ({ id, projection, position, outcome, error }: Told): string => {
  const line = `${id}, ${projection} at position ${position}: ${outcome}`;
  return error === undefined ? line : `${line}: ${error}`;
};
