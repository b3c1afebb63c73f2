import { expect } from 'chai';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { movieIdOf } from '../../../src/domain/streams.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import { openReadModel, recorded, type ReadModel } from '../../support/readModel.js';

describe('Rows of a read model', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(catalogue);
  });
  after(() => model.close());

  it('are written by one prepared statement, be they new or loaded and changed', async () => {
    const movieId = movieIdOf('tmdb', 603);
    const history: readonly DomainEvent[] = [
      { type: 'MovieImported', data: { movieId, title: 'Matrix' } },
      { type: 'MovieDetailsEdited', data: { movieId, changes: { year: 1999 }, locks: ['year'] } },
      { type: 'MovieImported', data: { movieId: movieIdOf('tmdb', 348), title: 'Alien' } },
      { type: 'MovieRemoved', data: { movieId } },
    ];
    // A page and a transaction each, on the one connection that the pool has ready.
    await model.project(recorded(...history).map((event) => [event]));
    const rows = await model.database.query<{ title: string; year: number | null; status: string }>(
      { text: 'select title, year, status from catalogue.movies order by title' },
    );
    expect(rows).to.deep.equal([
      { title: 'Alien', year: null, status: 'live' },
      { title: 'Matrix', year: 1999, status: 'removed' },
    ]);
  });
});
