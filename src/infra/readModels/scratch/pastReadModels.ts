import type { EventStore, RecordedEvent } from '../../../commands/ports/eventStore.js';
import { handledBy } from '../../../projections/engine/past.js';
import { ownersIn } from '../../../projections/engine/rebuild/owners.js';
import type { ProjectedEvent, Projection } from '../../../projections/ports/projection.js';
import type { PastEvents, PastOfStreams } from '../../../queries/ports/pastEvents.js';
import type { PastReadModels } from '../../../queries/ports/pastReadModels.js';
import type { ServedReadModels } from '../../../queries/ports/readModels.js';
import { positionAt } from '../../eventstore/places/positionAt.js';
import { timeAt } from '../../eventstore/places/timeAt.js';
import type { Database } from '../../postgres/database.js';
import { limitConcurrency } from './limitConcurrency.js';
import { leftOutEvents } from '../parking/leftOutEvents.js';
import { PastRows } from './pastRows.js';

/** So many are made at once: each keeps a core busy. */
const PLACES = { running: 2, runningOfOne: 1, waiting: 64, waitingOfOne: 8 } as const;

/**
 * Makes read models as they were, for one answer: their rows are folded in memory, and statements read them there.
 * Nothing of what is served is touched.
 */
export const createPastReadModels = (dependencies: {
  readonly database: Database;
  readonly readModels: ServedReadModels;
  readonly eventStore: Pick<EventStore, 'headPosition' | 'readAll'>;
  readonly pastEvents: PastEvents;
  readonly projections: readonly Projection[];
}): PastReadModels => {
  const { database, readModels, eventStore, pastEvents, projections } = dependencies;
  const inTurn = limitConcurrency(PLACES);

  /** Folds everything that the read model wants of some streams. */
  const fold = async (
    name: string,
    rows: PastRows,
    past: Omit<PastOfStreams, 'types' | 'without'>,
  ): Promise<void> => {
    const projection = projections.find((candidate) => candidate.name === name);
    if (!projection?.folds) throw new Error(`there is no read model ${name} to be folded`);
    const { handles: types, folds } = projection;
    const { missing: without } = await leftOutEvents(database, name);
    const events: (RecordedEvent & ProjectedEvent)[] = [];
    for await (const page of pastEvents.of({ ...past, types, without })) {
      events.push(...page.filter(handledBy(projection)));
    }
    const owners = folds.begin();
    for (const { streams } of ownersIn(events, folds.prefixes)) {
      owners.add(streams, rows.of(name));
      owners.endOwner?.(rows.of(name));
    }
  };

  return {
    head: (signal) => eventStore.headPosition({ signal }),
    positionAt: (time, signal) => positionAt(eventStore, time, { signal }),
    timeAt: (position, signal) => timeAt(eventStore, position, { signal }),
    at: (upTo, work, { who, signal }) =>
      inTurn(
        who,
        () => {
          const rows = new PastRows(readModels.now());
          return work({
            query: (statement) => rows.query(statement),
            make: async ({ readModel, streams }) => {
              await fold(readModel, rows, { ...streams, upTo, signal });
              signal.throwIfAborted();
            },
          });
        },
        signal,
      ),
  };
};
