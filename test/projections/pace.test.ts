import { expect } from 'chai';
import { createPaceMeter } from '../../src/projections/pace.js';

const at = (position: bigint, events = position, target = 1_000n) => ({
  ...{ position, events, target },
});

describe('The pace of a rebuild', () => {
  it('is not known before there was something to compare with', () => {
    expect(createPaceMeter()(at(100n), 0)).to.deep.equal({ rate: 0 });
  });

  it('counts events, and reckons the time left by positions, which need not count events', () => {
    const pace = createPaceMeter();
    pace(at(0n, 0n), 0);
    expect(pace(at(200n, 10n), 2_000)).to.deep.equal({ rate: 5, secondsLeft: 8 });
  });

  it('goes by the last seconds, so that a new throttle shows', () => {
    const pace = createPaceMeter();
    for (let second = 0; second <= 20; second += 1) pace(at(BigInt(second * 30)), second * 1_000);
    for (let second = 21; second < 30; second += 1) pace(at(600n + BigInt(second)), second * 1_000);
    expect(pace(at(630n), 30_000)).to.deep.equal({ rate: 3, secondsLeft: 370 / 3 });
    expect(pace(at(631n), 31_000).rate).to.equal(1);
  });

  it('tells no time left while nothing moves, and none to go at the target', () => {
    const pace = createPaceMeter();
    pace(at(10n), 0);
    expect(pace(at(10n), 1_000)).to.deep.equal({ rate: 0 });
    expect(pace(at(1_000n), 2_000)).to.include({ secondsLeft: 0 });
  });

  it('begins anew where a rebuild went back to its checkpoint', () => {
    const pace = createPaceMeter();
    pace(at(0n), 0);
    pace(at(500n), 1_000);
    expect(pace(at(400n), 2_000)).to.deep.equal({ rate: 0 });
    expect(pace(at(500n), 3_000)).to.deep.equal({ rate: 100, secondsLeft: 5 });
  });
});
