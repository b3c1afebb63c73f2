import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { EventStoreError } from '../../../src/commands/ports/eventStore.js';
import {
  accountStream,
  libraryStream,
  movieStream,
  viewingStream,
} from '../../../src/domain/streams.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import {
  openCommandProcess,
  openTwoProcesses,
  member,
  owner,
  type CommandProcess,
  type TwoProcesses,
} from '../../support/service/commandProcess.js';
import type { FreshDatabase } from '../../support/postgres/database.js';
import { rejection } from '../../support/deciders/rejection.js';

describeOnBothLogs('Handling a command', () => {
  let both: TwoProcesses;
  let fresh: FreshDatabase;
  let here: CommandProcess;
  let elsewhere: CommandProcess;

  before(async () => {
    both = await openTwoProcesses();
    ({ fresh, here, elsewhere } = both);
  });
  after(() => both.close());

  const newFilm = async (title = 'Solaris'): Promise<string> =>
    (await here.run('ImportMovie', { title })).id;

  const eventsOf = async (stream: string) => (await here.eventStore.readStream(stream)).events;

  describe('load, decide, append', () => {
    it('appends what is decided and answers with where it is', async () => {
      const outcome = await here.run('CreateLibrary', { name: 'Films', kind: 'movies' });
      const stream = libraryStream(outcome.id);
      const events = await eventsOf(stream);
      expect(events.map(({ type, data }) => ({ type, data }))).to.deep.equal([
        {
          type: 'LibraryCreated',
          data: { libraryId: outcome.id, name: 'Films', kind: 'movies', paths: [] },
        },
      ]);
      expect(outcome).to.deep.equal({
        stream,
        revision: 0n,
        position: events[0]?.position,
        appended: 1,
        id: outcome.id,
        created: true,
      });
    });

    it('decides on everything that happened before, wherever that was', async () => {
      const { id: libraryId } = await here.run('CreateLibrary', { name: 'Films', kind: 'movies' });
      for (let nth = 1; nth <= 6; nth += 1) {
        const process = nth % 2 === 0 ? here : elsewhere;
        const renamed = await process.run('RenameLibrary', { libraryId, name: `Films ${nth}` });
        expect(renamed).to.include({ revision: BigInt(nth), appended: 1, created: false });
        const again = await process.run('RenameLibrary', { libraryId, name: `Films ${nth}` });
        expect(again).to.include({ revision: BigInt(nth), appended: 0 });
      }
    });

    it('a command that changes nothing succeeds without a position', async () => {
      const film = await newFilm();
      await here.run('AddToFavorites', { movieId: film });
      expect(await here.run('AddToFavorites', { movieId: film })).to.deep.equal({
        stream: viewingStream(owner.userId, film),
        revision: 0n,
        appended: 0,
        id: film,
        created: false,
      });
    });

    it('a command that a rule forbids appends nothing and says why', async () => {
      const film = await newFilm();
      const before = await here.eventStore.headPosition();
      const future = new Date(Date.now() + 3_600_000).toISOString();
      const failure = await here.refused('RecordWatchEvent', {
        movieId: film,
        watched: { at: future },
      });
      expect(failure).to.include({ kind: 'invalid' });
      expect(await here.refused('AddToFavorites', { movieId: randomUUID() })).to.include({
        kind: 'not-found',
        code: 'movie-not-found',
      });
      expect(await here.eventStore.headPosition()).to.equal(before);
    });

    it('several events of one command are one append', async () => {
      const film = await newFilm();
      const outcome = await here.run('RecordWatchEvent', { movieId: film, rating: 8.5 });
      expect(outcome).to.include({ revision: 1n, appended: 2, created: true });
      const events = await eventsOf(viewingStream(owner.userId, film));
      expect(events.map(({ type }) => type)).to.deep.equal(['MovieWatched', 'TitleRated']);
      expect(events.at(-1)?.position).to.equal(outcome.position);
    });

    it('a second play of a film is made, although its stream was there', async () => {
      const film = await newFilm();
      await here.run('RecordWatchEvent', { movieId: film });
      const second = await here.run('RecordWatchEvent', { movieId: film });
      expect(second).to.include({ revision: 1n, created: true });
    });

    it('a play with an id that the client chose is recorded once', async () => {
      const film = await newFilm();
      const playId = randomUUID();
      const first = await here.run('RecordWatchEvent', { movieId: film, playId });
      expect(first).to.include({ id: playId, created: true, appended: 1 });
      const again = await elsewhere.run('RecordWatchEvent', { movieId: film, playId });
      expect(again).to.include({ id: playId, created: false, appended: 0, revision: 0n });
    });
  });

  describe('who, why and on whose behalf', () => {
    it('is in every event: the person, the act, the cause and the trace', async () => {
      const film = await newFilm();
      const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
      await here.run(
        'RecordWatchEvent',
        { movieId: film, rating: 7 },
        { actor: member, correlationId: 'the act', causationId: 'the request', traceparent },
      );
      const events = await eventsOf(viewingStream(member.userId, film));
      expect(events).to.have.length(2);
      for (const { metadata } of events) {
        expect(metadata).to.deep.equal({
          correlationId: 'the act',
          causationId: 'the request',
          userId: member.userId,
          schemaVersion: 1,
          traceparent,
        });
      }
    });

    it('the command is its own act and cause when nobody says otherwise', async () => {
      const film = await newFilm();
      await here.run('RecordWatchEvent', { movieId: film, rating: 7 });
      await here.run('AddToFavorites', { movieId: film });
      const [watched, rated, liked] = await eventsOf(viewingStream(owner.userId, film));
      expect(watched?.metadata.correlationId).to.match(/^[0-9a-f-]{36}$/);
      expect(watched?.metadata.causationId).to.equal(watched?.metadata.correlationId);
      expect(rated?.metadata).to.deep.equal(watched?.metadata);
      expect(liked?.metadata.correlationId).not.to.equal(watched?.metadata.correlationId);
    });
  });

  describe('a caller that leaves', () => {
    const failureOf = async (work: Promise<unknown>) =>
      (await rejection(work, EventStoreError)).failure;

    it('before the command begins, has it not done', async () => {
      const film = await newFilm();
      const work = here.run('AddToFavorites', { movieId: film }, { signal: AbortSignal.abort() });
      expect(await failureOf(work)).to.deep.equal({ kind: 'aborted' });
      expect(await eventsOf(viewingStream(owner.userId, film))).to.deep.equal([]);
    });

    it('in the middle of a race, is told the same whatever the reason', async () => {
      const film = await newFilm();
      const processes = await Promise.all(
        Array.from({ length: 6 }, () => openCommandProcess(fresh.connectionString)),
      );
      const leaving = new AbortController();
      setMaxListeners(0, leaving.signal);
      const outcomes = processes.flatMap((process) =>
        Array.from({ length: 8 }, () =>
          process.run('RecordWatchEvent', { movieId: film }, { signal: leaving.signal }),
        ),
      );
      await Promise.race(outcomes);
      leaving.abort('enough');
      const settled = await Promise.allSettled(outcomes);
      const left = settled.filter(({ status }) => status === 'rejected');
      expect(left).to.have.length.greaterThan(0);
      for (const outcome of left) {
        expect(outcome).to.have.property('reason').that.is.instanceOf(EventStoreError);
        expect(outcome).to.nested.include({ 'reason.failure.kind': 'aborted' });
      }
      for (const process of processes) await process.close();
    });
  });

  it('sees a film and an account as they are now', async () => {
    const { id: userId } = await here.run('RegisterAccount', {
      displayName: 'Noor',
      timezone: 'Asia/Tokyo',
    });
    const film = await newFilm();
    const actor = { userId, role: 'member' } as const;
    await elsewhere.run('ChangeProfile', { timezone: 'America/New_York' }, { actor });
    // What others did to other streams is known once it can be read.
    await elsewhere.eventStore.headPosition();
    const watched = { at: '2026-02-07T03:26:00Z' };
    await here.run('RecordWatchEvent', { movieId: film, watched }, { actor });
    const [event] = await eventsOf(viewingStream(userId, film));
    expect(event?.data.watched).to.include({ zone: 'America/New_York', localDate: '2026-02-06' });
    expect(await eventsOf(accountStream(userId))).to.have.length(2);

    await elsewhere.run('RemoveMovie', { movieId: film });
    await elsewhere.eventStore.headPosition();
    const refused = await here.refused('RecordWatchEvent', { movieId: film }, { actor });
    expect(refused).to.include({ kind: 'not-found', code: 'movie-removed' });
    expect(await eventsOf(movieStream(film))).to.have.length(2);
  });
});
