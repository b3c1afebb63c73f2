import { expect } from 'chai';
import fc from 'fast-check';
import { within } from '../../../src/infra/eventstore/within.js';
import { createBuildSites } from '../../../src/infra/projections/buildSite.js';
import { LEAD_LOCK_SPACE } from '../../../src/infra/projections/leadLocks.js';
import { DatabaseUnavailable } from '../../../src/infra/postgres/databaseErrors.js';
import { fallsTo } from '../../../src/projections/engine/fallsTo.js';
import type { BuildSites, FilledSite } from '../../../src/projections/ports/buildSite.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { rejection } from '../../support/rejection.js';
import { openProjectionProcess, type ProjectionProcess } from '../../support/projectionProcess.js';
import {
  dividedTallies,
  dividingBuilder,
  expectWhole,
  gate,
  leftOfShares,
  LIBRARIES,
  RENAMINGS,
} from './dividedTallies.js';
import { appendLibrary } from './tallies.js';

const asked = { requestedBy: 'the test' };
const wanted = [{ name: 'tallies', version: 1 }];

/** On the way to the join, around it, and after it. */
const PLACES = [
  ...['after divide', 'in a page', 'before join', 'after join', 'before indexes', 'after indexes'],
  ...['before serve', 'after serve'],
];

/** A run of a builder that is interrupted. */
interface Run {
  readonly workers: number;
  /** At which step, of which a page of a worker is one, or at the first of a kind. */
  readonly at: number | string;
  readonly saveMs: number;
}

/** Calls back before and after everything that a site does of its own. */
const watched = (sites: BuildSites, step: (what: string) => void): BuildSites => {
  const around =
    <Given extends readonly unknown[], Done>(
      what: string,
      act: (...given: Given) => Promise<Done>,
    ) =>
    async (...given: Given): Promise<Done> => {
      step(`before ${what}`);
      const done = await act(...given);
      step(`after ${what}`);
      return done;
    };
  const watch = <Site extends FilledSite>(site: Site): Site => {
    site.commit = around('commit', site.commit.bind(site));
    return site;
  };
  return {
    ...sites,
    divide: around('divide', (build, into) => sites.divide(build, into)),
    open: async (projection, build) => {
      const site = watch(await sites.open(projection, build));
      site.join = around('join', site.join.bind(site));
      site.makeIndexes = around('indexes', site.makeIndexes.bind(site));
      site.serve = around('serve', site.serve.bind(site));
      return site;
    },
    openShare: async (projection, share) => watch(await sites.openShare(projection, share)),
  };
};

describe('A divided build that is interrupted', () => {
  let fresh: FreshDatabase;
  let process: ProjectionProcess;

  beforeEach(async () => {
    fresh = await freshDatabase();
    process = await openProjectionProcess(fresh.connectionString, []);
    for (let nth = 0; nth < LIBRARIES; nth += 1) {
      await appendLibrary(process.eventStore, nth, RENAMINGS);
    }
  });
  afterEach(async () => {
    await process.close();
    await fresh.drop();
  });

  it('is gone on with wherever that was, among as many: no event is lost or counts twice', async () => {
    const places = new Set<string>();
    const run: fc.Arbitrary<Run> = fc.record({
      workers: fc.integer({ min: 1, max: 3 }),
      at: fc.oneof(fc.integer({ min: 1, max: 24 }), fc.constantFrom(...PLACES)),
      saveMs: fc.constantFrom(0, 60_000),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(run, { minLength: 1, maxLength: 5 }), async (runs) => {
        await process.builds.request(wanted, asked);
        for (const { workers, at, saveMs } of runs) {
          const stop = new AbortController();
          let steps = 0;
          const step = (what: string): void => {
            steps += 1;
            if (!stop.signal.aborted && at !== steps && at !== what) return;
            if (!stop.signal.aborted) places.add(what);
            // As if the process ended here: nothing more is done.
            stop.abort();
            throw new Error(`interrupted ${what}`);
          };
          const projection = dividedTallies({
            afterwards: () => {
              step('in a page');
            },
          });
          const sites = watched(createBuildSites(process.database), step);
          await dividingBuilder(process, [projection], { workers, saveMs, sites })
            .run({ signal: stop.signal })
            .catch((error: unknown) => {
              if (!stop.signal.aborted) throw error;
            });
        }
        await dividingBuilder(process, [dividedTallies()]).run({
          signal: AbortSignal.timeout(20_000),
        });
        const [newest] = await process.builds.list();
        expect(newest).to.include({ state: 'served' });
        await expectWhole(process);
      }),
      {
        numRuns: 20,
        examples: PLACES.map((at): [Run[]] => [[{ workers: 2, at, saveMs: 60_000 }]]),
      },
    );
    expect([...places]).to.include.members(PLACES);
  });

  it('is given up for the time being when a worker loses the database, and gone on with', async () => {
    const second = gate(fallsTo(dividedTallies(), { nth: 1, of: 2 }));
    await process.builds.request(wanted, asked);
    const running = dividingBuilder(process, [dividedTallies({ afterwards: second.pass })]).run({
      signal: AbortSignal.timeout(20_000),
    });
    await second.reached;
    const ended = await process.database.query({
      text: `select pg_terminate_backend(pid) from pg_locks
             where locktype = 'advisory' and objid::bigint = hashtext('tallies_2_share1')::bigint & 4294967295`,
    });
    expect(ended).to.have.length(1);
    second.open();
    await rejection(running, DatabaseUnavailable);
    expect((await process.builds.list())[0]).to.include({ state: 'replaying', led: false });
    await dividingBuilder(process, [dividedTallies()]).run({
      signal: AbortSignal.timeout(20_000),
    });
    await expectWhole(process);
  });

  it('says what its worker was lost for, whatever the builder waits for meanwhile', async () => {
    await process.builds.request(wanted, asked);
    let lose = (): void => undefined;
    const ended = new Promise<void>((_, reject) => {
      lose = () => {
        reject(new DatabaseUnavailable('gone'));
      };
    });
    const nothing = (): void => undefined;
    const running = dividingBuilder(process, [dividedTallies()], {
      eventStore: {
        ...process.eventStore,
        readAll: (options) =>
          within(() => {
            lose();
            return new Promise<never>(nothing);
          }, options?.signal),
      },
      startShareWorker: () => ({ letGo: nothing, pace: nothing, stop: nothing, ended }),
    }).run({ signal: AbortSignal.timeout(20_000) });
    await rejection(running, DatabaseUnavailable);
  });

  it('leaves nothing of its shares when it is cancelled then', async () => {
    const stop = new AbortController();
    const second = gate(fallsTo(dividedTallies(), { nth: 1, of: 2 }));
    await process.builds.request(wanted, asked);
    const running = dividingBuilder(process, [dividedTallies({ afterwards: second.pass })], {
      saveMs: 0,
    }).run({ signal: stop.signal });
    await second.reached;
    stop.abort();
    second.open();
    await running.catch(() => undefined);
    expect(await leftOfShares(process.database)).to.have.length(2);
    expect(await process.builds.cancel('tallies')).to.include({ state: 'cancelled' });
    expect(await leftOfShares(process.database)).to.deep.equal([]);
  });

  it('is gone on with by another that has the lead now, once the workers of before have let go', async () => {
    const second = gate(fallsTo(dividedTallies(), { nth: 1, of: 2 }));
    await process.builds.request(wanted, asked);
    const before = dividingBuilder(process, [dividedTallies({ afterwards: second.pass })], {
      saveMs: 0,
    }).run({ signal: AbortSignal.timeout(20_000) });
    await second.reached;
    const other = await openProjectionProcess(fresh.connectionString, []);
    try {
      // The session that has the lead, which the workers' own sessions outlive. Before it is gone nobody else can lead.
      const ended = await process.database.query({
        text: `select pg_terminate_backend(l.pid, 10000) as gone
               from pg_locks l join pg_database d on d.oid = l.database
               where d.datname = current_database() and l.classid = $1`,
        values: [LEAD_LOCK_SPACE],
      });
      expect(ended).to.deep.equal([{ gone: true }]);
      await dividingBuilder(other, [dividedTallies()], { workers: 1 }).run({
        signal: AbortSignal.timeout(20_000),
      });
      await expectWhole(process);
    } finally {
      second.open();
      await other.close();
      await before.catch(() => undefined);
    }
    await expectWhole(process);
  });
});
