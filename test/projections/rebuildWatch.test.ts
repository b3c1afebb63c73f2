import { expect } from 'chai';
import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '../../src/commands/ports/eventStore.js';
import { createRebuildStore } from '../../src/infra/readModels/rebuild/rebuildStore.js';
import { createRebuildWatch, type WatchedRebuild } from '../../src/projections/rebuildWatch.js';
import type { RebuildStore } from '../../src/projections/ports/rebuildStore.js';
import { freshDatabase, type FreshDatabase } from '../support/postgres/database.js';
import { eventually } from '../support/run/eventually.js';

const LOOK_MS = 5;
/** A log whose positions go up by tens. */
const counted: Pick<EventStore, 'ordinalsAt'> = {
  ordinalsAt: (positions) => Promise.resolve(positions.map((position) => position / 10n)),
};

describe('Whoever watches rebuilds', () => {
  let fresh: FreshDatabase;
  let rebuilds: RebuildStore;
  let looks = 0;
  let leave: AbortController;

  before(async () => {
    fresh = await freshDatabase();
    rebuilds = createRebuildStore(fresh.database);
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
    createRebuildWatch(
      {
        list: () => {
          looks += 1;
          return rebuilds.list();
        },
      },
      counted,
      { everyMs: LOOK_MS },
    );
  const next = async (states: AsyncGenerator<readonly WatchedRebuild[], void>) => {
    const { value } = await states.next();
    if (!value) throw new Error('it ended');
    return value;
  };

  it('is told how they are, and how fast they get on', async () => {
    const [rebuild] = await rebuilds.request([{ name: 'stats', version: 1 }], {
      requestedBy: 'me',
    });
    const id = rebuild?.id ?? 0n;
    const states = watch().states(leave.signal);
    expect((await next(states))[0]).to.deep.include({ ...rebuild, rate: 0 });
    await rebuilds.report([
      { id, state: 'replaying', position: 500n, target: 1_000n, events: 50n },
    ]);
    let newest: WatchedRebuild | undefined;
    await eventually('it gets on', async () => {
      [newest] = await next(states);
      return (newest?.rate ?? 0) > 0;
    });
    expect(newest).to.include({ state: 'replaying', position: 50n, target: 100n });
    expect(newest?.secondsLeft).to.be.greaterThan(0);
    await rebuilds.end(id, { state: 'cancelled' });
    await eventually('it ended', async () => {
      [newest] = await next(states);
      return newest?.state === 'cancelled';
    });
    expect(newest).to.include({ rate: 0, secondsLeft: 0 });
  });

  it('is told the newest state alone when they are slow to ask', async () => {
    const states = watch().states(leave.signal);
    await next(states);
    await rebuilds.request([{ name: 'first', version: 1 }], { requestedBy: 'me' });
    await rebuilds.request([{ name: 'second', version: 1 }], { requestedBy: 'me' });
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
    const shy = createRebuildWatch(
      { list: () => (away ? Promise.reject(new Error('away')) : rebuilds.list()) },
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
