import type { EventStore } from '../../commands/ports/eventStore.js';
import type { Projection } from '../../projections/ports/projection.js';
import type { PastEvents } from '../../queries/ports/pastEvents.js';
import type { PastReadModels, ReadModelsThen } from '../../queries/ports/pastReadModels.js';
import { positionAt } from '../eventstore/positionAt.js';
import { timeAt } from '../eventstore/timeAt.js';
import type { Connection, Database, Queryable } from '../postgres/database.js';
import { fewAtOnce } from './fewAtOnce.js';
import { leftOutEvents } from './leftOutEvents.js';
import { scratchRows } from './scratchRows.js';
import { createScratchSchema, scratchPrefix, useScratchSchema } from './scratchSchema.js';
import { readModelsIn } from './servedReadModels.js';

/** So many are made at once: each keeps a connection and a core busy. */
const PLACES = { running: 2, runningOfOne: 1, waiting: 64, waitingOfOne: 8 } as const;

/**
 * Makes read models as they were, for one answer, in a transaction that is rolled back: their tables are in
 * schemas that nobody else can see and that cannot be left behind. No row, lock or checkpoint of what is served
 * is touched.
 */
export const createPastReadModels = (dependencies: {
  readonly database: Database;
  readonly eventStore: Pick<EventStore, 'headPosition' | 'readAll'>;
  readonly pastEvents: PastEvents;
  readonly projections: readonly Projection[];
}): PastReadModels => {
  const { database, eventStore, pastEvents, projections } = dependencies;
  const inTurn = fewAtOnce(PLACES);

  const projectionOf = (name: string): Projection => {
    const found = projections.find((projection) => projection.name === name);
    if (!found) throw new Error(`there is no read model ${name}`);
    return found;
  };

  return {
    head: (signal) => eventStore.headPosition({ signal }),
    positionAt: (time, signal) => positionAt(eventStore, time, { signal }),
    timeAt: (position, signal) => timeAt(eventStore, position, { signal }),
    at: (position, names, work, { who, signal }) =>
      inTurn(
        who,
        () =>
          database.withConnection((connection) =>
            undoing(connection, async (tx) => {
              const prefix = scratchPrefix();
              for (const name of names) {
                signal.throwIfAborted();
                await createScratchSchema(tx, `${prefix}${name}`, projectionOf(name));
              }
              const { client } = connection;
              const then: ReadModelsThen = {
                ...readModelsIn(tx, (name) => `${prefix}${name}`),
                make: async ({ readModel, streams, rows }) => {
                  const projection = projectionOf(readModel);
                  const { handles: types } = projection;
                  await useScratchSchema(tx, `${prefix}${readModel}`);
                  const scratch = scratchRows(projection, { tx, client }, rows);
                  const { missing: without } = await leftOutEvents(tx, readModel);
                  const past = { ...streams, types, upTo: position, without, signal };
                  for await (const events of pastEvents.of(past)) {
                    await scratch.project(events);
                    signal.throwIfAborted();
                  }
                  await scratch.write();
                },
              };
              return work(then);
            }),
          ),
        signal,
      ),
  };
};

/**
 * Runs the work in a transaction and takes it back. Statements go out one at a time, however the work sends them,
 * and without the names under which a connection would keep them for ever: each answer has schemas of its own.
 */
const undoing = async <T>(
  connection: Connection,
  work: (tx: Queryable) => Promise<T>,
): Promise<T> => {
  let last: Promise<unknown> = Promise.resolve();
  const tx: Queryable = {
    query: ({ name: _, ...statement }) => {
      const result = last.then(() => connection.query(statement));
      last = result.catch(() => undefined);
      // The rows are of the type that the caller names, as with any connection.
      return result as Promise<never>;
    },
  };
  await tx.query({ text: 'begin' });
  try {
    return await work(tx);
  } finally {
    // Behind whatever is under way. Where it fails the connection is given up, and the server takes it back.
    await tx.query({ text: 'rollback' }).catch(() => undefined);
  }
};
