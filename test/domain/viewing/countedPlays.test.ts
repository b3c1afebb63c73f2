import { expect } from 'chai';
import { countedPlays, type CountablePlay } from '../../../src/domain/viewing/plays/plays.js';

const play = (id: string, duplicateOf?: string): CountablePlay => ({
  id,
  removed: false,
  ...(duplicateOf === undefined ? {} : { duplicateOf }),
});
const removed = (it: CountablePlay): CountablePlay => ({ ...it, removed: true });
const counted = (...plays: readonly CountablePlay[]) => [...countedPlays(plays)];

describe('Plays that several sources told of', () => {
  it('count once', () => {
    expect(counted(play('a'), play('b', 'a'), play('c', 'a'), play('d'))).to.deep.equal(['a', 'd']);
  });

  it('count once more by the next report when the first is removed, and not when all are', () => {
    expect(counted(removed(play('a')), play('b', 'a'), play('c', 'a'))).to.deep.equal(['b']);
    expect(counted(removed(play('a')), removed(play('b', 'a')))).to.deep.equal([]);
  });

  it('are one viewing while two of them are linked to each other', () => {
    expect(counted(play('a', 'b'), play('b', 'a'))).to.deep.equal(['a']);
    expect(counted(play('b', 'a'), play('a', 'b'), play('c', 'b'))).to.deep.equal(['a']);
    expect(counted(play('a', 'a'))).to.deep.equal(['a']);
  });

  it('are one viewing although a report was linked to a report that was linked itself', () => {
    // b stood in for a when c came, and c for both when d came.
    const reports = [play('b', 'a'), play('c', 'b'), play('d', 'c')];
    expect(counted(removed(play('a')), ...reports)).to.deep.equal(['b']);
    expect(counted(play('a'), ...reports)).to.deep.equal(['a']);
    const [b, ...others] = reports;
    expect(counted(removed(play('a')), ...(b ? [removed(b)] : []), ...others)).to.deep.equal(['c']);
  });
});
