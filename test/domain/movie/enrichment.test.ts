import { expect } from 'chai';
import { mergedDetails } from '../../../src/domain/movie/enrichment.js';

describe('What several know of a film', () => {
  it('is of each field what the first says who knows it, and of some lists all', () => {
    expect(mergedDetails([])).to.equal(undefined);
    expect(
      mergedDetails([
        { title: 'Heat', runtimeMinutes: 170, genres: ['Crime'], studios: ['Regency'] },
        {
          ...{ title: 'Heat!', overview: 'A heist.', genres: ['Crime', 'Action'] },
          studios: ['Warner Bros.', 'Regency'],
        },
      ]),
    ).to.deep.equal({
      ...{ title: 'Heat', runtimeMinutes: 170, overview: 'A heist.', genres: ['Crime'] },
      studios: ['Regency', 'Warner Bros.'],
    });
  });
});
