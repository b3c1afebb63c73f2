import { expect } from 'chai';
import { folded } from '../../../../src/domain/movie/search/folded.js';
import { startsOf, typedStarts } from '../../../../src/domain/movie/search/starts.js';

const starts = (...titles: readonly string[]) => Object.fromEntries(startsOf(titles.map(folded)));

describe('Starts of a title', () => {
  it('are the title with and without its article and its spaces, and what follows from each word', () => {
    expect(starts('The Dark Knight')).to.deep.equal({
      ...{ 'the dark knight': 0, 'dark knight': 0, thedarkknight: 0, knight: 1 },
    });
    expect(starts('Heat', 'White Heat')).to.deep.equal({ heat: 0, 'white heat': 0, whiteheat: 0 });
  });

  it('are at every letter of scripts without spaces, and of signs the whole', () => {
    expect(starts('千と千尋')).to.deep.equal({ 千と千尋: 0, と千尋: 1, 千尋: 1, 尋: 1 });
    expect(starts('$')).to.deep.equal({ $: 0 });
    expect(starts('  ')).to.deep.equal({});
  });

  it('stay short and few, and meet what was typed of a title however long', () => {
    const long = Array.from({ length: 500 }, (_, nth) => `word${nth}`).join(' ');
    const all = startsOf([folded(long)]);
    expect(all.size).to.be.at.most(120);
    expect([...all.keys()]).to.include.members([...typedStarts(long)]);
    expect(typedStarts(' Wall·E ')).to.deep.equal(['wall e', 'walle']);
  });
});
