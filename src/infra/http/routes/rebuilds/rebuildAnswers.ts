import { Type, type Static } from 'typebox';
import { Instant } from '../../../../domain/schemas.js';
import type { WatchedRebuild } from '../../../../projections/rebuildWatch.js';
import type { Rebuild } from '../../../../projections/ports/rebuildStore.js';

const State = Type.Enum(
  [
    ...['waiting', 'replaying', 'indexing', 'catching-up'],
    ...['served', 'retired', 'cancelled', 'failed', 'dropped'],
  ],
  {
    description:
      'The first four are under way. `served`: queries see it. `retired`: they did until the rebuild after it, ' +
      'and can again.',
  },
);
const moment = Type.Union([Instant, Type.Null()]);
const DecimalText = Type.String({ pattern: '^[0-9]+$' });

const fields = {
  id: Type.String(),
  projection: Type.String(),
  version: Type.Integer(),
  state: State,
  running: Type.Boolean({
    description: 'Some process works on it. Under way without: it waits, or was interrupted.',
  }),
  position: Type.String({ ...DecimalText, description: 'How far the log was read for it.' }),
  target: Type.String({ ...DecimalText, description: 'Where the log ended when it began.' }),
  events: Type.String({ ...DecimalText, description: 'How many events were read for it.' }),
  eventsPerSecond: Type.Union([Type.Integer({ minimum: 1 }), Type.Null()], {
    description: 'How many it may read at most; null: all it can.',
  }),
  cancelRequested: Type.Boolean(),
  rollsBack: Type.Boolean({ description: 'It was served before and is to be again.' }),
  error: Type.Union([Type.String(), Type.Null()]),
  requestedBy: Type.String(),
  requestedAt: Instant,
  startedAt: moment,
  updatedAt: Instant,
  finishedAt: moment,
};

/** A rebuild as clients see it. */
export const RebuildAnswer = Type.Object(fields, { additionalProperties: false });

/** A rebuild with the pace at which it gets on. */
export const WatchedRebuildAnswer = Type.Object(
  {
    ...fields,
    rate: Type.Number({ description: 'Events read per second, of late.' }),
    secondsLeft: Type.Union([Type.Number(), Type.Null()], {
      description: 'null while it does not get on.',
    }),
  },
  { additionalProperties: false },
);

export const rebuildAnswer = (rebuild: Rebuild): Static<typeof RebuildAnswer> => ({
  id: rebuild.id.toString(),
  projection: rebuild.name,
  version: rebuild.version,
  state: rebuild.state,
  running: rebuild.led,
  position: rebuild.position.toString(),
  target: rebuild.target.toString(),
  events: rebuild.events.toString(),
  eventsPerSecond: rebuild.eventsPerSecond ?? null,
  cancelRequested: rebuild.cancelRequested,
  rollsBack: rebuild.rollsBack,
  error: rebuild.error ?? null,
  requestedBy: rebuild.requestedBy,
  requestedAt: rebuild.requestedAt.toISOString(),
  startedAt: rebuild.startedAt?.toISOString() ?? null,
  updatedAt: rebuild.updatedAt.toISOString(),
  finishedAt: rebuild.finishedAt?.toISOString() ?? null,
});

export const watchedRebuildAnswer = (
  rebuild: WatchedRebuild,
): Static<typeof WatchedRebuildAnswer> => ({
  ...rebuildAnswer(rebuild),
  rate: Math.round(rebuild.rate * 10) / 10,
  secondsLeft: rebuild.secondsLeft === undefined ? null : Math.round(rebuild.secondsLeft * 10) / 10,
});
