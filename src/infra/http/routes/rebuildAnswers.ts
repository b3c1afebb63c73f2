import { Type, type Static } from 'typebox';
import { Instant } from '../../../domain/schemas.js';
import type { WatchedBuild } from '../../../projections/buildWatch.js';
import type { Build } from '../../../projections/ports/builds.js';

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
export const Rebuild = Type.Object(fields, { additionalProperties: false });

/** A rebuild with the pace at which it gets on. */
export const WatchedRebuild = Type.Object(
  {
    ...fields,
    rate: Type.Number({ description: 'Events read per second, of late.' }),
    secondsLeft: Type.Union([Type.Number(), Type.Null()], {
      description: 'null while it does not get on.',
    }),
  },
  { additionalProperties: false },
);

export const rebuildOf = (build: Build): Static<typeof Rebuild> => ({
  id: build.id.toString(),
  projection: build.name,
  version: build.version,
  state: build.state,
  running: build.led,
  position: build.position.toString(),
  target: build.target.toString(),
  events: build.events.toString(),
  eventsPerSecond: build.eventsPerSecond ?? null,
  cancelRequested: build.cancelRequested,
  rollsBack: build.rollsBack,
  error: build.error ?? null,
  requestedBy: build.requestedBy,
  requestedAt: build.requestedAt.toISOString(),
  startedAt: build.startedAt?.toISOString() ?? null,
  updatedAt: build.updatedAt.toISOString(),
  finishedAt: build.finishedAt?.toISOString() ?? null,
});

export const watchedRebuildOf = (build: WatchedBuild): Static<typeof WatchedRebuild> => ({
  ...rebuildOf(build),
  rate: Math.round(build.rate * 10) / 10,
  secondsLeft: build.secondsLeft === undefined ? null : Math.round(build.secondsLeft * 10) / 10,
});
