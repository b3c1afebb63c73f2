import { expect } from 'chai';
import fc from 'fast-check';
import { v7 as uuidv7 } from 'uuid';
import type { EventStore } from '../../../../src/commands/ports/eventStore.js';
import { createRebuildSites } from '../../../../src/infra/readModels/rebuild/rebuildSite.js';
import { createParkedEvents } from '../../../../src/infra/readModels/parking/parkedEvents.js';
import { achievements } from '../../../../src/projections/achievements/achievements.js';
import { createRebuilder } from '../../../../src/projections/engine/rebuild/rebuilder.js';
import { history } from '../../../../src/projections/history/history.js';
import type { Projection } from '../../../../src/projections/ports/projection.js';
import { ratings } from '../../../../src/projections/ratings/ratings.js';
import { stats } from '../../../../src/projections/stats/stats.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import { testLogger } from '../../../support/run/logger.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { verified } from '../../../support/readModels/verifying.js';
import { inWorld, viewingHistories } from '../../../support/histories/viewingHistories.js';

const followed: readonly Projection[] = [achievements, history, ratings, stats];
const names = followed.map(({ name }) => name);
const WORLDS = [1, 2, 3, 4, 5, 6];

const [someHistory = []] = fc
  .sample(viewingHistories(60), { seed: 7, numRuns: 20 })
  .sort((a, b) => b.length - a.length);
const half = someHistory.length / 2;

describe('A rebuild that is interrupted', () => {
  let fresh: FreshDatabase;
  let service: ProjectionProcess;

  before(async () => {
    fresh = await freshDatabase();
    service = await openProjectionProcess(fresh.connectionString, followed);
  });
  after(async () => {
    await service.close();
    await fresh.drop();
  });

  const append = async (events: typeof someHistory): Promise<void> => {
    for (const { stream, type, data, metadata } of events) {
      const event = { id: uuidv7(), type, data, metadata };
      await service.eventStore.append(stream, [event], { expectedRevision: 'any' });
    }
  };
  const caughtUp = () =>
    eventually('the read models have caught up', async () =>
      (await service.engine.status()).every(({ lagEvents }) => lagEvents === 0n),
    );
  /** Commits after each part of the log. */
  const rebuilderOn = (eventStore: EventStore) =>
    createRebuilder({
      ...{ eventStore, rebuilds: service.rebuilds, store: service.store, projections: followed },
      ...{ log: testLogger, saveMs: 0, pageSize: 7 },
      sites: createRebuildSites(fresh.database),
      parking: createParkedEvents(fresh.database),
    });
  const lastOwners = async (): Promise<readonly (string | null)[]> => {
    const rows = await fresh.database.query<{ last_owner: string | null }>({
      text: 'select last_owner from projections.builds order by id',
    });
    return rows.map((row) => row.last_owner);
  };

  it('goes on behind the last owner whose rows are there, and comes to the same rows', async () => {
    for (const world of WORLDS) await append(inWorld(world, someHistory).slice(0, half));
    await service.rebuilds.request(
      followed.map(({ name, version }) => ({ name, version })),
      { requestedBy: 'the test' },
    );
    const stop = new AbortController();
    let pages = 0;
    const interrupted = rebuilderOn({
      ...service.eventStore,
      readByStream: (options) => {
        pages += 1;
        if (pages === 20) stop.abort(new Error('interrupted'));
        return service.eventStore.readByStream(options);
      },
    });
    await rejection(interrupted.run({ signal: stop.signal }), Error);
    const reached = await lastOwners();
    expect(reached).to.have.length(followed.length);
    for (const owner of reached) expect(owner).to.be.a('string');

    // Of people who are there and of some who are not, behind the position up to which owners are read.
    for (const world of WORLDS) await append(inWorld(world, someHistory).slice(half));
    const begun: (string | undefined)[] = [];
    const next = rebuilderOn({
      ...service.eventStore,
      readByStream: (options) => {
        begun.push(options.after?.stream);
        return service.eventStore.readByStream(options);
      },
    });
    await next.run({ signal: AbortSignal.timeout(60_000), names });
    const [least] = [...reached].sort();
    expect(begun).to.not.include(undefined);
    expect(begun[0]).to.include(String(least));
    expect(await lastOwners()).to.deep.equal(followed.map(() => null));

    service.engine.start();
    await caughtUp();
    const all = await verified({ ...service, projections: followed });
    expect(all.flatMap(({ differences }) => differences)).to.deep.equal([]);
    expect(all.map(({ verdict }) => verdict.outcome)).to.deep.equal(followed.map(() => 'compared'));
  });
});
