import { expect } from 'chai';
import { billedActors, titleSnapshotOf } from '../../../src/domain/movie/snapshot.js';
import { TitleSnapshot } from '../../../src/domain/viewing/events.js';
import { validator } from '../../../src/domain/validation.js';

describe('The snapshot of a film', () => {
  it('holds what the numbers need to know of it', () => {
    expect(
      titleSnapshotOf({
        actors: ['Keanu Reeves'],
        details: {
          title: 'The Matrix',
          sortTitle: 'Matrix, The',
          overview: 'A hacker learns…',
          releaseDate: '1999-03-31',
          year: 1999,
          runtimeMinutes: 136,
          communityRating: 8.2,
          genres: ['Action'],
          countries: ['US', 'AU'],
          originalLanguage: 'en',
          directors: ['Lana Wachowski', 'Lilly Wachowski'],
          studios: ['Village Roadshow'],
        },
      }),
    ).to.deep.equal({
      title: 'The Matrix',
      runtimeMinutes: 136,
      runtimeEstimated: false,
      genres: ['Action'],
      releaseYear: 1999,
      releaseDate: '1999-03-31',
      voteAverage: 8.2,
      countries: ['US', 'AU'],
      originalLanguage: 'en',
      directors: ['Lana Wachowski', 'Lilly Wachowski'],
      studios: ['Village Roadshow'],
      actors: ['Keanu Reeves'],
    });
  });

  it('counts 90 minutes for a film of unknown length, and says that it is an estimate', () => {
    const snapshot = titleSnapshotOf({ details: { title: 'Untitled' }, actors: [] });
    expect(snapshot).to.include({ runtimeMinutes: 90, runtimeEstimated: true });
    expect(validator(TitleSnapshot)(snapshot).ok).to.equal(true);
  });

  it('holds the first ten of the cast, each once', () => {
    const names = Array.from({ length: 12 }, (_, billing) => `Actor ${billing}`);
    const actors = billedActors(['Actor 0', ...names].map((name) => ({ name })));
    expect(actors).to.deep.equal(names.slice(0, 10));
  });
});
