import type { ParkedAct, ParkedEvent, ParkedRefusal } from '../../../projections/ports/parking.js';

/** A parked event as operators see it, on the command line and over HTTP. */
export const parkedView = (parked: ParkedEvent) => ({
  id: parked.id.toString(),
  projection: parked.projection,
  version: parked.version,
  state: parked.state,
  position: parked.event.position.toString(),
  type: parked.event.type,
  stream: parked.event.stream,
  revision: parked.event.revision.toString(),
  eventId: parked.event.id,
  recordedAt: parked.event.recordedAt.toISOString(),
  attempts: parked.attempts,
  ...(parked.error === undefined ? {} : { error: parked.error }),
  ...timed('firstFailedAt', parked.firstFailedAt),
  ...timed('lastFailedAt', parked.lastFailedAt),
  ...timed('parkedAt', parked.parkedAt),
  ...timed('settledAt', parked.settledAt),
});

/** The same with where the error came from and what was done about it. */
export const parkedInFull = (parked: ParkedEvent, acts: readonly ParkedAct[]) => ({
  ...parkedView(parked),
  ...(parked.detail === undefined ? {} : { detail: parked.detail }),
  acts: acts.map(({ at, ...act }) => ({ at: at.toISOString(), ...act })),
});

const timed = <Name extends string>(
  name: Name,
  at: Date | undefined,
): Partial<Record<Name, string>> =>
  at === undefined ? {} : ({ [name]: at.toISOString() } as Record<Name, string>);

/** Why an act was refused, as a sentence. */
export const refusals: Readonly<Record<ParkedRefusal, string>> = {
  'not-parked': 'It is not parked, or not any more.',
  'other-version':
    'The read model has been made by another version of Reellog: use that one, or rebuild it.',
  'not-reached': 'The read model has not come to this event: it is being made anew.',
  'another-event': 'There is no such event in the log.',
  'not-handled': 'The read model does not take events of this type.',
};
