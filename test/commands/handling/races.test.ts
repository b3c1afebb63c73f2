import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { libraryStream, viewingStream } from '../../../src/domain/streams.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import {
  openTwoProcesses,
  owner,
  type CommandProcess,
  type TwoProcesses,
} from '../../support/service/commandProcess.js';

const at = (wanted: bigint) => ({
  precondition: (revision: bigint | undefined) => revision === wanted,
});

describeOnBothLogs('Commands on one stream', () => {
  let both: TwoProcesses;
  let here: CommandProcess;
  let elsewhere: CommandProcess;

  before(async () => {
    both = await openTwoProcesses();
    ({ here, elsewhere } = both);
  });
  after(() => both.close());

  const newFilm = async (title = 'Solaris'): Promise<string> =>
    (await here.run('ImportMovie', { title })).id;

  const eventsOf = async (stream: string) => (await here.eventStore.readStream(stream)).events;

  describe('in a race', () => {
    it('all land when very many are given to one process at once', async () => {
      const film = await newFilm();
      const outcomes = await Promise.all(
        Array.from({ length: 150 }, () => here.run('RecordWatchEvent', { movieId: film })),
      );
      expect(outcomes.map(({ revision }) => revision)).to.deep.equal(
        Array.from({ length: 150 }, (_, nth) => BigInt(nth)),
      );
    });

    it('all land when they are given to several processes: a lost race is decided again', async () => {
      const film = await newFilm();
      const outcomes = await Promise.all(
        Array.from({ length: 40 }, (_, nth) =>
          (nth % 2 === 0 ? here : elsewhere).run('RecordWatchEvent', { movieId: film }),
        ),
      );
      const events = await eventsOf(viewingStream(owner.userId, film));
      expect(events).to.have.length(40);
      expect(new Set(outcomes.map(({ id }) => id)).size).to.equal(40);
      expect(new Set(outcomes.map(({ position }) => position))).to.deep.equal(
        new Set(events.map(({ position }) => position)),
      );
    });

    it('are decided by the rules: of many who create one library at once one does', async () => {
      const libraryId = randomUUID();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, nth) =>
          (nth % 2 === 0 ? here : elsewhere).run('CreateLibrary', {
            libraryId,
            name: `Library ${nth}`,
            kind: 'movies',
          }),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      for (const outcome of outcomes.filter(({ status }) => status === 'rejected')) {
        expect(outcome).to.nested.include({ 'reason.failure.code': 'library-exists' });
      }
      expect(await eventsOf(libraryStream(libraryId))).to.have.length(1);
    });

    it('succeed all when one does what the others wanted', async () => {
      const film = await newFilm();
      const outcomes = await Promise.all(
        Array.from({ length: 10 }, (_, nth) =>
          (nth % 2 === 0 ? here : elsewhere).run('AddToWatchlist', { movieId: film }),
        ),
      );
      expect(outcomes.filter(({ appended }) => appended === 1)).to.have.length(1);
      expect(await eventsOf(viewingStream(owner.userId, film))).to.have.length(1);
    });
  });

  describe('with a precondition', () => {
    const named = async (): Promise<string> =>
      (await here.run('CreateLibrary', { name: 'Films', kind: 'movies' })).id;

    it('succeed when the stream is there', async () => {
      const libraryId = await named();
      const data = { libraryId, name: 'Other' };
      const outcome = await here.run('RenameLibrary', data, at(0n));
      expect(outcome).to.include({ revision: 1n });
    });

    it('are refused when the stream is elsewhere, with where it is', async () => {
      const libraryId = await named();
      await elsewhere.run('RenameLibrary', { libraryId, name: 'Second' });
      for (const other of [0n, 2n]) {
        const failure = await here.refused(
          'RenameLibrary',
          { libraryId, name: 'Third' },
          at(other),
        );
        expect(failure).to.include({ kind: 'revision-mismatch', actual: 1n });
      }
      expect(await eventsOf(libraryStream(libraryId))).to.have.length(2);
    });

    it('are refused also when they would change nothing', async () => {
      const libraryId = await named();
      const data = { libraryId, name: 'Films' };
      expect(await here.refused('RenameLibrary', data, at(4n))).to.include({
        kind: 'revision-mismatch',
      });
    });

    it('are refused when there is nothing yet', async () => {
      const film = await newFilm();
      const failure = await here.refused('AddToFavorites', { movieId: film }, at(0n));
      expect(failure).to.include({ kind: 'revision-mismatch' }).and.not.have.property('actual');
    });

    it('are not decided again when the race is lost: of many one succeeds, and the others learn of it', async () => {
      const libraryId = await named();
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, (_, nth) =>
          (nth % 2 === 0 ? here : elsewhere).run(
            'RenameLibrary',
            { libraryId, name: `Name ${nth}` },
            at(0n),
          ),
        ),
      );
      expect(outcomes.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
      for (const outcome of outcomes.filter(({ status }) => status === 'rejected')) {
        expect(outcome).to.nested.include({
          'reason.failure.kind': 'revision-mismatch',
          'reason.failure.actual': 1n,
        });
      }
    });
  });
});
