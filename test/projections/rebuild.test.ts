import { expect } from 'chai';
import { collectionIdOf, collectionStream } from '../../src/domain/streams.js';
import { OWNER_ID } from '../../src/infra/auth/owner.js';
import { samplesFolder } from '../../src/infra/cli/import/samples/files.js';
import { loadSamples } from '../../src/infra/cli/import/samples/loadSamples.js';
import { history } from '../../src/queries/viewing/history.js';
import { projections } from '../../src/projections/projections.js';
import { answersOf } from '../support/service/answers.js';
import { recordable } from '../support/readModels/projectionSpecification.js';
import { differencesOf, readModelRows } from '../support/readModels/readModelRows.js';
import { rebuild } from '../support/readModels/rebuilding.js';
import { startReellog, type RunningReellog } from '../support/service/reellog.js';

/** Two people's years, followed live, with second thoughts: what a rebuild must come to again. */
describe('Every read model', () => {
  let service: RunningReellog;

  before(async () => {
    service = await startReellog({ timezone: 'Europe/Berlin' }, async ({ execute }) => {
      await loadSamples({
        ...{ execute, folder: samplesFolder, ownerId: OWNER_ID },
        signal: new AbortController().signal,
      });
    });
    await service.caughtUp();
    await secondThoughts();
    await service.caughtUp();
  });

  after(() => service.close());

  /** Plays are moved, removed and restored, films edited and removed, opinions and lists changed. */
  const secondThoughts = async (): Promise<void> => {
    const { watches } = await answersOf(service).ask(
      history,
      '/me/history?limit=40',
      service.owner.token,
    );
    expect(watches).to.have.length(40);
    for (const [nth, { id, movieId }] of watches.entries()) {
      const path = `/movies/${movieId}/watches/${id}`;
      const changes = [
        {
          method: 'PATCH',
          path,
          body: { watched: { date: `2019-03-${(nth % 28) + 1}`.replace(/-(\d)$/, '-0$1') } },
        },
        { method: 'PATCH', path, body: { watched: 'unknown' } },
        { method: 'DELETE', path },
        { method: 'PUT', path: `/movies/${movieId}/rating`, body: { rating: (nth % 100) / 10 } },
        { method: 'PATCH', path: `/movies/${movieId}`, body: { genres: ['Drama', 'Noir'] } },
      ];
      const change = changes[nth % changes.length];
      if (change)
        expect(await service.api(change))
          .to.have.property('status')
          .that.is.below(300);
      if (change?.method === 'DELETE' && nth % 2 === 0) {
        const restored = await service.api({ method: 'POST', path: `${path}/restore` });
        expect(restored.status, restored.text).to.equal(200);
      }
    }
    const [first] = watches;
    const removed = await service.api({ method: 'DELETE', path: `/movies/${first?.movieId}` });
    expect(removed.status).to.equal(204);
    const collectionId = collectionIdOf(264);
    const parts = [{ tmdbId: 105, title: 'Back to the Future', releaseDate: '1985-07-03' }];
    const data = { collectionId, tmdbId: 264, name: 'Back to the Future Collection', parts };
    await service.reellog.eventStore.append(
      collectionStream(collectionId),
      [recordable({ type: 'CollectionImported', data })],
      { expectedRevision: 'no-stream' },
    );
  };

  it('has rows to compare', async () => {
    const live = await readModelRows(service.reellog.database);
    for (const { name } of projections.filter((one) => one.name !== 'libraries')) {
      const own = Object.entries(live).filter(([table]) => table.startsWith(`${name}.`));
      expect(own.flatMap(([, rows]) => rows).length, name).to.be.greaterThan(0);
    }
  });

  for (const time of ['once', 'twice']) {
    it(`comes to the same rows, to the last, when it is rebuilt ${time}`, async () => {
      const live = await readModelRows(service.reellog.database);
      const { rebuilder, rebuilds: rebuilds } = service.reellog;
      await rebuild({ rebuilds, rebuilder }, rebuilds.names);
      await service.caughtUp();
      const again = await readModelRows(service.reellog.database);
      expect(differencesOf(['followed', live], ['rebuilt', again])).to.deep.equal([]);
      expect(Object.keys(again)).to.deep.equal(Object.keys(live));
    });
  }
});
