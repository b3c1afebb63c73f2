import { expect } from 'chai';
import { createBuildSites } from '../../../src/infra/projections/buildSite.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import {
  createBuilder,
  type Builder,
  type BuilderDependencies,
} from '../../../src/projections/engine/builder.js';
import type { ProjectedEvent, Projection } from '../../../src/projections/ports/projection.js';
import { testLogger } from '../../support/logger.js';
import type { ProjectionProcess } from '../../support/projectionProcess.js';
import { libraryId, readDeliveries, readTallies, tallies, type Tallied } from './tallies.js';

export const LIBRARIES = 8;
export const RENAMINGS = 4;

/** A read model whose rows belong to libraries, so that a build of it can be divided. */
export const dividedTallies = (
  change: Parameters<typeof tallies>[0] = {},
): Projection<Tallied> => ({
  ...tallies(change),
  belongsTo: ({ data }) => data.libraryId,
});

/** A builder that divides what can be, however short the log is. */
export const dividingBuilder = (
  process: ProjectionProcess,
  projections: readonly Projection[],
  options: Partial<BuilderDependencies> = {},
): Builder =>
  createBuilder({
    ...{ ...process, projections, log: testLogger, parking: process.parked },
    ...{ sites: createBuildSites(process.database), workers: 2, leastDivided: 0n, pageSize: 5 },
    ...options,
  });

/** Which shares of builds are kept, and the schemas that they are in, or were. */
export const leftOfShares = (database: Database): Promise<readonly object[]> =>
  database.query({
    text: `select schema from projections.build_shares
           union all select nspname from pg_namespace where nspname ~ '_share[0-9]+$'`,
  });

/** Every event of each library counts once in the rows that are served, and nothing is left of shares. */
export const expectWhole = async (
  { database, eventStore }: ProjectionProcess,
  libraries = LIBRARIES,
): Promise<void> => {
  const { events } = await eventStore.readAll({ maxCount: 10_000 });
  const delivered = [...(await readDeliveries(database))].sort((a, b) => Number(a - b));
  expect(delivered).to.deep.equal(events.map(({ position }) => position));
  const rows = await readTallies(database);
  expect(rows.map(({ library_id, events: counted }) => [library_id, counted])).to.have.deep.members(
    Array.from({ length: libraries }, (_, nth) => [libraryId(nth), 1 + RENAMINGS]),
  );
  expect(await leftOfShares(database)).to.deep.equal([]);
};

/** Holds up whoever comes to it with events that are meant, until it is opened. */
export const gate = (
  isMeant: (event: ProjectedEvent<Tallied>) => boolean,
): {
  readonly pass: (events: readonly ProjectedEvent<Tallied>[]) => Promise<void>;
  /** Where the first of them is, once somebody has come. */
  readonly reached: Promise<bigint>;
  open(): void;
} => {
  let open = (): void => undefined;
  let arrive = (_position: bigint): void => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const reached = new Promise<bigint>((resolve) => {
    arrive = resolve;
  });
  return {
    pass: async (events) => {
      const first = events.find(isMeant);
      if (!first) return;
      arrive(first.position);
      await opened;
    },
    reached,
    open: () => {
      open();
    },
  };
};
