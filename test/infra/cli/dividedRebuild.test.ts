import { expect } from 'chai';
import { createBuildSites } from '../../../src/infra/projections/buildSite.js';
import { createBuildStore } from '../../../src/infra/projections/buildStore.js';
import type { Build, BuildStore } from '../../../src/projections/ports/builds.js';
import type { BuildSites } from '../../../src/projections/ports/buildSite.js';
import { projections } from '../../../src/projections/projections.js';
import { reellogOn, startCli } from '../../support/cliProcess.js';
import { openCommandProcess } from '../../support/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { differencesOf, readModelRows, type ReadModelRows } from '../../support/readModelRows.js';
import { seedWatches } from '../../support/seededHistory.js';
import { personId } from '../../support/viewingEvents.js';

const NAMES = ['history', 'stats', 'streaks', 'achievements', 'watchlist'];
/** One that is not divided is built beside them. */
const UNDIVIDED = 'watchlist';
const PEOPLE = ['Ada', 'Bob', 'Cleo', 'Dan', 'Eve', 'Fay'];
/** More than a page of the log in all. */
const FILMS = 700;
/** So few events a second that a rebuild does not end before it is told to. */
const CRAWL = '2';

/** The threads of `reellog rebuild`, as they are: the log of a test would be too short for them to be wanted. */
describe('reellog rebuild in several threads', function () {
  // Rebuilds go behind everybody else: on a busy machine they get next to nothing of it.
  this.timeout(300_000);
  let fresh: FreshDatabase;
  let builds: BuildStore;
  let sites: BuildSites;
  let whole: ReadModelRows;
  const { reellog } = reellogOn(() => fresh.connectionString);

  before(async () => {
    fresh = await freshDatabase();
    builds = createBuildStore(fresh.database);
    sites = createBuildSites(fresh.database);
    const commands = await openCommandProcess(fresh.connectionString);
    for (const name of PEOPLE) await seedWatches(commands.eventStore, personId(name), FILMS);
    await commands.close();
    expect((await reellog('rebuild', '--all')).code).to.equal(0);
    whole = await readModelRows(fresh.database);
  });
  after(() => fresh.drop());

  /** Asks for builds and divides them, as a builder would that was interrupted then. */
  const divided = async (of: number): Promise<readonly Build[]> => {
    const wanted = projections.filter(({ name }) => NAMES.includes(name));
    const asked = await builds.request(wanted, { requestedBy: 'the test' });
    const [head] = await fresh.database.query<{ position: bigint }>({
      text: 'select max(position) as position from projections.checkpoints',
    });
    for (const build of asked) {
      if (build.name !== UNDIVIDED) {
        const shares = await sites.divide(build, { of, target: head?.position ?? 0n });
        expect(shares).to.have.length(of - 1);
      }
    }
    return asked;
  };
  const leftOfShares = () =>
    fresh.database.query({
      text: `select schema from projections.build_shares
             union all select nspname from pg_namespace where nspname ~ '_share[0-9]+$'`,
    });

  it('comes to the same rows as in one', async () => {
    const asked = await divided(3);
    const { code, stderr } = await reellog('rebuild', ...NAMES, '--workers', '1');
    expect(code, stderr).to.equal(0);
    for (const { id } of asked) expect(await builds.find(id)).to.include({ state: 'served' });
    const now = await readModelRows(fresh.database);
    expect(differencesOf(['in one', whole], ['in several', now])).to.deep.equal([]);
    expect(await leftOfShares()).to.deep.equal([]);
  });

  it('is cancelled, interrupted and gone on with in all of them', async () => {
    const asked = await divided(2);
    const [cancelled] = asked;
    const crawling = startCli(['rebuild', ...NAMES, '--throttle', CRAWL], {
      DATABASE_URL: fresh.connectionString,
    });
    try {
      await eventually('both threads have read of the log, and not all of it', async () => {
        const now = await Promise.all(asked.map(({ id }) => builds.find(id)));
        return now.every((build) => build && build.position > 0n && build.position < build.target);
      });
      await builds.cancel(cancelled?.name ?? '');
      await eventually('it is cancelled while the others are worked on', async () => {
        const [now, other] = await Promise.all(asked.map(({ id }) => builds.find(id)));
        return now?.state === 'cancelled' && other?.led === true;
      });
      const { code, stderr } = await crawling.end('SIGINT');
      expect(code, stderr).to.equal(130);
    } finally {
      await crawling.end('SIGKILL');
    }
    const left = NAMES.filter((name) => name !== cancelled?.name);
    const { code, stderr } = await reellog('rebuild', ...left, '--throttle', 'off');
    expect(code, stderr).to.equal(0);
    const now = await readModelRows(fresh.database);
    expect(differencesOf(['in one', whole], ['in several', now])).to.deep.equal([]);
    expect(await leftOfShares()).to.deep.equal([]);
  });
});
