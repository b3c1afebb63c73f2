import { expect } from 'chai';
import { createStallWatch, STALLED_MS } from '../../../../src/projections/engine/live/stalled.js';

describe('A read model counts as stalled', () => {
  const at = (position: bigint, lagEvents: bigint, name = 'stats') => ({
    ...{ name, position, lagEvents },
  });

  it('when it lags and has not moved for as long as it may', () => {
    const stalledOf = createStallWatch();
    expect([...stalledOf([at(5n, 3n)], 0)]).to.deep.equal([]);
    expect([...stalledOf([at(5n, 4n)], STALLED_MS - 1)]).to.deep.equal([]);
    expect([...stalledOf([at(5n, 4n)], STALLED_MS)]).to.deep.equal(['stats']);
  });

  it('no more once it has moved', () => {
    const stalledOf = createStallWatch(10);
    stalledOf([at(5n, 3n)], 0);
    expect([...stalledOf([at(5n, 3n)], 10)]).to.deep.equal(['stats']);
    expect([...stalledOf([at(6n, 2n)], 11)]).to.deep.equal([]);
    expect([...stalledOf([at(6n, 2n)], 20)]).to.deep.equal([]);
    expect([...stalledOf([at(6n, 2n)], 21)]).to.deep.equal(['stats']);
  });

  it('not while there is nothing that it could move to, however long that is', () => {
    const stalledOf = createStallWatch(10);
    stalledOf([at(5n, 0n)], 0);
    expect([...stalledOf([at(5n, 0n)], 1_000)]).to.deep.equal([]);
    expect([...stalledOf([at(5n, 1n)], 1_005)]).to.deep.equal([]);
    expect([...stalledOf([at(5n, 1n)], 1_010)]).to.deep.equal(['stats']);
  });

  it('without the others', () => {
    const stalledOf = createStallWatch(10);
    stalledOf([at(5n, 1n, 'stats'), at(5n, 1n, 'streaks')], 0);
    expect([...stalledOf([at(5n, 1n, 'stats'), at(6n, 0n, 'streaks')], 10)]).to.deep.equal([
      'stats',
    ]);
  });
});
