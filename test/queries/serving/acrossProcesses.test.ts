import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import type { EventStore } from '../../../src/commands/ports/eventStore.js';
import { followChangeNotices } from '../../../src/infra/readModels/notices/changeNotices.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { libraryStream, movieIdOf, movieStream } from '../../../src/domain/streams.js';
import { catalogue } from '../../../src/projections/catalogue/catalogue.js';
import { collections } from '../../../src/projections/collections/collections.js';
import { movie } from '../../../src/queries/catalogue/movie.js';
import { createQueries, type Queries } from '../../../src/queries/queries.js';
import type { Asker } from '../../../src/queries/query.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../support/readModels/projectionProcess.js';

const asker: Asker = { userId: uuidv7(), zone: 'UTC', now: new Date() };
const movieId = movieIdOf('tmdb', 603);
const metadata = { correlationId: uuidv7(), causationId: uuidv7(), schemaVersion: 1 };

/** A busy machine may take longer than the usual limit to connect, or to listen again. */
const WAIT_MS = 15_000;

const append = async (
  eventStore: EventStore,
  stream: string,
  type: string,
  data: Record<string, unknown>,
): Promise<bigint> => {
  const event = { id: uuidv7(), type, data, metadata };
  return (await eventStore.append(stream, [event], { expectedRevision: 'any' })).position;
};

describeOnBothLogs('Two processes on one database', () => {
  let fresh: FreshDatabase;
  let leader: ProjectionProcess;
  let other: ProjectionProcess;
  let notices: ReturnType<typeof followChangeNotices>;
  let queries: Queries;
  let imported: bigint;

  beforeEach(async () => {
    fresh = await freshDatabase();
    leader = await openProjectionProcess(fresh.connectionString, [catalogue, collections]);
    other = await openProjectionProcess(fresh.connectionString, [catalogue, collections]);
    imported = await append(leader.eventStore, movieStream(movieId), 'MovieImported', {
      movieId,
      title: 'The Matrix',
    });
    leader.engine.start();
    await eventually('the leader leads', async () => {
      const [status] = await leader.engine.status();
      return status?.worker.state === 'live' && status.position >= imported;
    });
    notices = followChangeNotices(other.database, testLogger);
    const readModels = createServedReadModels(other.database);
    notices.follow({
      onNotice: (notice) => {
        if ('schema' in notice) readModels.serves(notice.projection, notice.schema);
      },
      onGap: () => undefined,
    });
    queries = createQueries({ readModels, notices, waitMs: WAIT_MS });
    other.engine.start();
  });

  afterEach(async () => {
    queries.close();
    await notices.close();
    await other.close();
    await leader.close();
    await fresh.drop();
  });

  const titleAfter = async (after: bigint): Promise<string> => {
    const answer = await queries.ask(movie, { movieId }, asker, { after });
    if (answer?.stale !== false) return 'stale';
    return (JSON.parse(answer.body) as { title: string }).title;
  };

  it('both show a change at once to whoever waits for it, also the one that does not project', async () => {
    expect(await titleAfter(imported)).to.equal('The Matrix');
    for (let turn = 0; turn < 20; turn += 1) {
      const title = `Title ${turn}`;
      const position = await append(
        leader.eventStore,
        movieStream(movieId),
        'MovieMetadataRefreshed',
        { movieId, source: 'tmdb', changes: { title } },
      );
      expect(await titleAfter(position)).to.equal(title);
    }
  });

  it('both know that a read model has passed events that do not concern it', async () => {
    const libraryId = uuidv7();
    const position = await append(leader.eventStore, libraryStream(libraryId), 'LibraryRemoved', {
      libraryId,
    });
    expect(await titleAfter(position)).to.equal('The Matrix');
  });

  it('show rows made anew after a rebuild in either', async () => {
    await fresh.database.query({ text: `update catalogue.movies set details = '{"title": "?"}'` });
    expect(await titleAfter(imported)).to.equal('?');
    await other.rebuild(['catalogue', 'collections']);
    await eventually(
      'the answer is new',
      async () => (await titleAfter(imported)) === 'The Matrix',
    );
  });

  it('show changes that were notified while the connection that listens was lost', async () => {
    expect(await titleAfter(imported)).to.equal('The Matrix');
    await fresh.database.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and query ilike 'listen %reellog_read_models%'`,
    });
    const position = await append(
      leader.eventStore,
      movieStream(movieId),
      'MovieMetadataRefreshed',
      { movieId, source: 'tmdb', changes: { title: 'Changed' } },
    );
    expect(await titleAfter(position)).to.equal('Changed');
  });
});
