import { expect } from 'chai';
import { shownOf } from '../../../../../src/infra/cli/readModels/rebuild/rebuildsShown.js';
import type { WatchedRebuild } from '../../../../../src/projections/rebuildWatch.js';

const rebuild = (change: Partial<WatchedRebuild> = {}): WatchedRebuild => ({
  ...{ id: 1n, name: 'stats', version: 1, schema: 'stats_2', state: 'replaying' },
  ...{ position: 250n, checkpoint: 0n, target: 1_000n, events: 200n },
  ...{ cancelRequested: false, rollsBack: false, requestedBy: 'cli:me', led: true },
  ...{ requestedAt: new Date(0), updatedAt: new Date(0), rate: 49.6, secondsLeft: 15.2 },
  ...change,
});

describe('What is shown of rebuilds', () => {
  it('is how far each is, how fast it gets on, and the time left', () => {
    expect(shownOf([rebuild()])).to.deep.equal([
      {
        ...{ label: 'stats', done: 250, total: 1_000, rate: 50 },
        ...{ left: '15 s left', doing: 'replaying' },
      },
    ]);
    expect(shownOf([rebuild({ secondsLeft: 135 })])[0]?.left).to.equal('2 min 15 s left');
    const { secondsLeft: _, ...held } = rebuild();
    expect(shownOf([held])[0]?.left).to.equal('time left not known yet');
  });

  it('is what is being done about it, or what became of it', () => {
    const doing = (change: Partial<WatchedRebuild>) => shownOf([rebuild(change)])[0]?.doing;
    expect(doing({ state: 'indexing' })).to.equal('indexing');
    expect(doing({ state: 'waiting', led: false })).to.equal('waiting');
    expect(doing({ led: false })).to.equal('waiting for a rebuilder');
    expect(doing({ cancelRequested: true })).to.equal('being cancelled');
    expect(doing({ state: 'served', led: false })).to.equal('served');
  });

  it('of several is also how they are together: as long as the slowest takes', () => {
    const several = [
      rebuild(),
      rebuild({ name: 'history', secondsLeft: 61, rate: 10, position: 100n }),
      rebuild({ name: 'ratings', state: 'served', led: false, rate: 0, secondsLeft: 0 }),
    ];
    const shown = shownOf(several);
    expect(shown.map(({ label }) => label)).to.deep.equal([
      ...['stats', 'history', 'ratings', 'together'],
    ]);
    expect(shown[2]).to.include({ done: 1_000, total: 1_000, left: '0 s left' });
    expect(shown.at(-1)).to.deep.equal({
      ...{ label: 'together', done: 1_350, total: 3_000, rate: 60 },
      ...{ left: '1 min 1 s left', doing: '1 of 3 done' },
    });
  });
});
