import { expect } from 'chai';
import { createReactions, type Reactions } from '../../../src/commands/reactions/reactions.js';
import { titlesReaction, type TitleCommands } from '../../../src/commands/reactions/titles.js';
import type { RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { createReactionStore } from '../../../src/infra/reactions/reactionStore.js';
import { createTitleViewers } from '../../../src/infra/reactions/titleViewers.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import {
  member,
  openCommandProcess,
  type CommandProcess,
} from '../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';

const film = { title: 'Heat', tmdbId: 949 };
const whole = {
  ...{ ...film, year: 1995, runtimeMinutes: 170, genres: ['Crime'], releaseDate: '1995-12-15' },
  ...{ communityRating: 7.9, countries: ['US'], originalLanguage: 'en', directors: ['Mann'] },
  ...{ studios: ['Regency'], cast: [{ name: 'Pacino' }] },
};

describeOnBothLogs('The reaction that follows titles, of what becomes known', () => {
  let fresh: FreshDatabase;
  let process: CommandProcess;
  let running: Reactions[];

  beforeEach(async () => {
    fresh = await freshDatabase();
    process = await openCommandProcess(fresh.connectionString);
    running = [];
  });
  afterEach(async () => {
    for (const reactions of running) await reactions.stop();
    await process.close();
    await fresh.drop();
  });

  const start = (
    learn: TitleCommands['learn'] = (viewer, signal) =>
      process.commands.titles.learn(viewer, signal),
  ): Reactions => {
    const { database, eventStore } = process;
    const reactions = createReactions({
      ...{ eventStore, log: testLogger, store: createReactionStore(database) },
      reactions: [
        titlesReaction({
          ...{ viewers: createTitleViewers(database), log: testLogger },
          commands: { ...process.commands.titles, learn },
        }),
      ],
    });
    reactions.start();
    running.push(reactions);
    return reactions;
  };
  const learnt = async (): Promise<readonly RecordedEvent[]> =>
    (await process.eventStore.readAll({ filter: { types: ['TitleFactsLearnt'] } })).events;
  const caughtUp = (): Promise<void> =>
    eventually('the reaction has read the log', async () => {
      const head = await process.eventStore.headPosition();
      const rows = await process.database.query<{ position: bigint }>({
        text: 'select position from reactions.checkpoints',
      });
      return rows[0]?.position === head;
    });
  const watches = (data: object = { tmdbId: film.tmdbId }) =>
    process.run('RecordWatchEvent', data, { actor: member });

  it('heals what was recorded before there was one, once', async () => {
    await watches();
    await process.run('ImportMovie', whole);
    expect(await learnt()).to.deep.equal([]);
    const first = start();
    await eventually('the play is told', async () => (await learnt()).length === 1);
    await caughtUp();
    await first.stop();
    await process.database.query({ text: 'delete from reactions.checkpoints' });
    start();
    await caughtUp();
    expect(await learnt()).to.have.lengthOf(1);
    const [event] = await learnt();
    expect(event?.data).to.have.nested.include({ 'snapshot.title': 'Heat' });
    expect(event?.metadata).not.to.have.property('userId');
  });

  it('tells a play that was decided before the film was imported, and recorded after', async () => {
    start();
    const { id: movieId } = await process.run('ImportMovie', whole);
    await caughtUp();
    // As a process records it that has not seen the import.
    await process.eventStore.append(
      `viewing-${member.userId}.${movieId}`,
      [pendingWatch(movieId)],
      { expectedRevision: 'no-stream' },
    );
    await eventually('the play is told', async () => (await learnt()).length === 1);
  });

  it('goes on where it was when it failed, and where others failed it goes on with the rest', async () => {
    let attempts = 0;
    await watches();
    const { id: movieId } = await process.run('ImportMovie', whole);
    await watches({ tmdbId: 7 });
    await process.run('ImportMovie', { ...whole, tmdbId: 7 });
    start(async (viewer, signal) => {
      if (viewer.titleId === movieId) attempts += 1;
      if (attempts === 1) throw new Error('the log is away');
      return process.commands.titles.learn(viewer, signal);
    });
    await eventually('the other play is told', async () => (await learnt()).length === 1);
    await caughtUp();
    // When the film changes the first is told, too.
    await process.run('EditMovieDetails', { movieId, changes: { genres: ['Drama'] } });
    await eventually('both plays are told', async () => (await learnt()).length === 2);
  });

  it('runs in one process at a time, and another takes over', async () => {
    const first = start();
    await caughtUp();
    const second = start();
    await watches();
    await process.run('ImportMovie', whole);
    await eventually('the play is told', async () => (await learnt()).length === 1);
    await first.stop();
    await watches({ tmdbId: 7 });
    await process.run('ImportMovie', { ...whole, tmdbId: 7 });
    await eventually('the other play is told', async () => (await learnt()).length === 2);
    await second.stop();
  });

  it('leaves people alone who lack nothing that is known', async () => {
    start();
    const { id: movieId } = await process.run('ImportMovie', whole);
    await process.run('RecordWatchEvent', { movieId }, { actor: member });
    await process.run('EditMovieDetails', { movieId, changes: { runtimeMinutes: 99 } });
    await process.run('EditMovieDetails', { movieId, changes: { genres: null } });
    await process.run('EditMovieDetails', { movieId, changes: { genres: ['Drama'] } });
    await caughtUp();
    expect(await learnt()).to.deep.equal([]);
  });

  it('begins anew with another log', async () => {
    await watches();
    await process.run('ImportMovie', whole);
    await start().stop();
    await process.database.query({
      text: `insert into reactions.checkpoints (name, version, log, position)
             values ('titles', 1, 'another', 1000000)
             on conflict (name) do update set log = 'another', position = 1000000`,
    });
    start();
    await eventually('the play is told', async () => (await learnt()).length === 1);
  });
});

const pendingWatch = (titleId: string) => ({
  id: '0199a8f0-0000-7000-8000-000000000001',
  type: 'MovieWatched',
  data: {
    ...{ userId: member.userId, titleId, kind: 'movie', source: 'manual', metadataPending: true },
    ...{ playId: '0199a8f0-0000-7000-8000-000000000002' },
    watched: { precision: 'unknown', zone: 'UTC' },
    snapshot: {
      ...{ title: '?', runtimeMinutes: 90, runtimeEstimated: true, genres: [], countries: [] },
      ...{ directors: [], studios: [], actors: [] },
    },
  },
  metadata: { correlationId: 'test', causationId: 'test', schemaVersion: 1 },
});
