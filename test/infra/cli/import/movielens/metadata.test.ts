import { expect } from 'chai';
import { detailsOf } from '../../../../../src/infra/cli/import/movielens/metadata.js';

describe('A row of the TMDb 5000 films', () => {
  it('becomes the details of a film', () => {
    expect(
      detailsOf({
        id: '603',
        title: 'The Matrix',
        release_date: '1999-03-30',
        runtime: '136.0',
        budget: '63000000',
        vote_average: '7.9',
        vote_count: '8907',
        original_language: 'en',
        genres: '[{"id": 28, "name": "Action"}, {"id": 878, "name": "Science Fiction"}]',
        production_countries:
          '[{"iso_3166_1": "AU", "name": "Australia"}, {"iso_3166_1": "AU", "name": "Australia"}]',
      }),
    ).to.deep.equal({
      tmdbId: 603,
      title: 'The Matrix',
      releaseDate: '1999-03-30',
      runtimeMinutes: 136,
      budget: 63_000_000,
      communityRating: 7.9,
      voteCount: 8907,
      originalLanguage: 'en',
      genres: ['Action', 'Science Fiction'],
      countries: ['AU'],
    });
  });

  it('says nothing of what is empty, zero or a list without entries', () => {
    expect(
      detailsOf({
        id: '1',
        title: 'Something',
        tagline: ' ',
        release_date: '',
        runtime: '0.0',
        budget: '0',
        vote_average: '0.0',
        vote_count: '0',
        genres: '[]',
        production_companies: '[]',
        keywords: '',
      }),
    ).to.deep.equal({ tmdbId: 1, title: 'Something' });
  });
});
