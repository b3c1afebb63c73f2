import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '../../src/commands/ports/eventStore.js';
import { createBuildStore } from '../../src/infra/readModels/rebuild/buildStore.js';
import { createBuildWatch, type WatchedBuild } from '../../src/projections/buildWatch.js';
import type { BuildStore } from '../../src/projections/ports/builds.js';
import { freshDatabase, type FreshDatabase } from '../support/postgres/database.js';
import { eventually } from '../support/run/eventually.js';

const LOOK_MS = 5;
/** A log whose positions go up by tens. */
const counted: Pick<EventStore, 'ordinalsAt'> = {
  ordinalsAt: (positions) => Promise.resolve(positions.map((position) => position / 10n)),
};

describe('Whoever watches builds', () => {
  let fresh: FreshDatabase;
  let builds: BuildStore;
  let looks = 0;
  let leave: AbortController;

  before(async () => {
    fresh = await freshDatabase();
    builds = createBuildStore(fresh.database);
  });
  after(async () => {
    await fresh.drop();
  });
  beforeEach(() => {
    looks = 0;
    leave = new AbortController();
  });
  afterEach(() => {
    leave.abort();
  });

  const watch = () =>
    createBuildWatch(
      {
        list: () => {
          looks += 1;
          return builds.list();
        },
      },
      counted,
      { everyMs: LOOK_MS },
    );
  const next = async (states: AsyncGenerator<readonly WatchedBuild[], void>) => {
    const { value } = await states.next();
    if (!value) throw new Error('it ended');
    return value;
  };

  it('is told how they are, and how fast they get on', async () => {
    const [build] = await builds.request([{ name: 'stats', version: 1 }], { requestedBy: 'me' });
    const id = build?.id ?? 0n;
    const states = watch().states(leave.signal);
    expect((await next(states))[0]).to.deep.include({ ...build, rate: 0 });
    await builds.report([{ id, state: 'replaying', position: 500n, target: 1_000n, events: 50n }]);
    let newest: WatchedBuild | undefined;
    await eventually('it gets on', async () => {
      [newest] = await next(states);
      return (newest?.rate ?? 0) > 0;
    });
    expect(newest).to.include({ state: 'replaying', position: 50n, target: 100n });
    expect(newest?.secondsLeft).to.be.greaterThan(0);
    await builds.end(id, { state: 'cancelled' });
    await eventually('it ended', async () => {
      [newest] = await next(states);
      return newest?.state === 'cancelled';
    });
    expect(newest).to.include({ rate: 0, secondsLeft: 0 });
  });

  it('is told the newest state alone when they are slow to ask', async () => {
    const states = watch().states(leave.signal);
    await next(states);
    await builds.request([{ name: 'first', version: 1 }], { requestedBy: 'me' });
    await builds.request([{ name: 'second', version: 1 }], { requestedBy: 'me' });
    const before = looks;
    await eventually('it was looked at some times', () => looks > before + 3);
    const names = (await next(states)).map(({ name }) => name);
    expect(names).to.include.members(['first', 'second']);
  });

  it('shares one look with all others, and it ends with the last of them', async () => {
    const shared = watch();
    const other = new AbortController();
    const one = shared.states(leave.signal);
    const two = shared.states(other.signal);
    await Promise.all([next(one), next(two)]);
    expect(looks).to.equal(1);
    const ended = one.next();
    leave.abort();
    expect((await ended).done).to.equal(true);
    await next(two);
    await two.return();
    await sleep(2 * LOOK_MS);
    const before = looks;
    await sleep(5 * LOOK_MS);
    expect(looks).to.equal(before);
    other.abort();
  });

  it('is told again when the database was away', async () => {
    let away = true;
    const shy = createBuildWatch(
      { list: () => (away ? Promise.reject(new Error('away')) : builds.list()) },
      counted,
      { everyMs: LOOK_MS },
    );
    const states = shy.states(leave.signal);
    const first = next(states);
    await sleep(3 * LOOK_MS);
    away = false;
    expect(await first).to.be.an('array');
  });
});
