import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import {
  judged,
  percentWithin,
  searchQueries,
  type Judged,
} from '../../../bench/search/searchQueries.js';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { movieDecider } from '../../../src/domain/movie/movie.js';
import { derivedId } from '../../../src/domain/streams.js';
import { readFilms } from '../../../src/infra/cli/import/movielens/dataset.js';
import { readMetadata } from '../../../src/infra/cli/import/movielens/metadata.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import { movies } from '../../../src/queries/catalogue/movies.js';
import { datasets, needsDatasets } from '../../support/run/datasets.js';
import { openReadModel, recorded, type ReadModel } from '../../support/readModels/readModel.js';

/** Every film of MovieLens as the import records it, with what TMDb knows of it. */
const importedFilms = async (): Promise<readonly DomainEvent[]> => {
  const metadata = await readMetadata(`${datasets}tmdb5000/tmdb_5000_movies.csv.gz`);
  const films = await readFilms(`${datasets}ml-latest-small`, metadata);
  const now = new Date(0).toISOString();
  return films.flatMap(({ movie, data }) => {
    const movieId = derivedId(`test:movielens:${movie}`);
    const decision = movieDecider.decide(
      { type: 'ImportMovie', data, context: { now, movieId } },
      movieDecider.initialState,
    );
    return 'accepted' in decision ? decision.accepted : [];
  });
};

describe('Searching all films of MovieLens', () => {
  let opened: ReadModel | undefined;
  let results: readonly Judged[] = [];

  before(async function () {
    needsDatasets(this, 'MovieLens and TMDb 5000');
    opened = await openReadModel(catalogue);
    await opened.project([recorded(...(await importedFilms()))]);
    const asker = { userId: uuidv7(), zone: 'UTC', now: new Date() };
    const readModels = createServedReadModels(opened.database).now();
    const judge = async (query: ReturnType<typeof searchQueries>[number]): Promise<Judged> => {
      const answer = await movies.read({ q: query.typed, limit: 20 }, asker, readModels);
      return judged(query, answer?.movies ?? []);
    };
    const some: Judged[] = [];
    for (const query of searchQueries()) some.push(await judge(query));
    results = some;
  });
  after(() => opened?.close());

  /** What was looked for and not found there, to be read where a test fails. */
  const missed = (places: number): string =>
    results
      .filter(({ place }) => place === 0 || place > places)
      .map(({ typed, place, found }) => `“${typed}” ${place}: ${found.slice(0, 3).join(', ')}`)
      .join('\n');

  it('is tried with 200 queries', () => {
    expect(results).to.have.length(200);
  });

  it('has the film that was looked for in the first place of 95 in 100 queries', () => {
    expect(percentWithin(1, results), missed(1)).to.be.at.least(95);
  });

  it('has it in the first five places of 99 in 100 queries', () => {
    expect(percentWithin(5, results), missed(5)).to.be.at.least(99);
  });
});
