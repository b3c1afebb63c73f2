import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { derivedId, libraryStream, viewingStream } from '../../../src/domain/streams.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import {
  member,
  openCommandProcess,
  openTwoProcesses,
  owner,
  type CommandProcess,
  type TwoProcesses,
} from '../../support/service/commandProcess.js';

describeOnBothLogs('A command under an idempotency key', () => {
  let both: TwoProcesses;
  let here: CommandProcess;
  let elsewhere: CommandProcess;

  before(async () => {
    both = await openTwoProcesses();
    ({ here, elsewhere } = both);
  });
  after(() => both.close());

  const newFilm = async (): Promise<string> => (await here.run('ImportMovie', { title: 'Ran' })).id;

  const head = () => here.eventStore.headPosition();

  /** What a process leaves that dies between its append and its receipt, or before either. */
  const forgetAnswer = async (key: string): Promise<void> => {
    await here.database.query({
      text: 'update command_receipts set outcome = null where key = $1',
      values: [key],
    });
  };

  it('is done once however often it is given, and has one answer', async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    const data = { movieId, watched: { date: '2024-05-01' }, rating: 8 } as const;
    const first = await here.run('RecordWatchEvent', data, { idempotencyKey });
    expect(first).to.include({ appended: 2, created: true });
    const before = await head();
    expect(await here.run('RecordWatchEvent', data, { idempotencyKey })).to.deep.equal(first);
    expect(await elsewhere.run('RecordWatchEvent', data, { idempotencyKey })).to.deep.equal(first);
    expect(await head()).to.equal(before);
  });

  it('is the same command whatever the order of its fields', async () => {
    const idempotencyKey = randomUUID();
    const first = await here.run(
      'CreateLibrary',
      { name: 'Films', kind: 'movies' },
      { idempotencyKey },
    );
    const again = await here.run(
      'CreateLibrary',
      { kind: 'movies', name: 'Films' },
      { idempotencyKey },
    );
    expect(again).to.deep.equal(first);
  });

  it('is refused when the key was used for other data or another command', async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    await here.run('RateMovie', { movieId, rating: 7 }, { idempotencyKey });
    const before = await head();
    const reused = { kind: 'idempotency-key-reused', code: 'idempotency-key-reused' };
    expect(await here.refused('RateMovie', { movieId, rating: 8 }, { idempotencyKey })).to.include(
      reused,
    );
    expect(await elsewhere.refused('RemoveMovie', { movieId }, { idempotencyKey })).to.include(
      reused,
    );
    expect(await head()).to.equal(before);
  });

  it("is each person's own", async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    await here.run('RateMovie', { movieId, rating: 7 }, { idempotencyKey, actor: owner });
    await here.run('RateMovie', { movieId, rating: 3 }, { idempotencyKey, actor: member });
    for (const { userId } of [owner, member]) {
      const { events } = await here.eventStore.readStream(viewingStream(userId, movieId));
      expect(events.map(({ type }) => type)).to.deep.equal(['TitleRated']);
    }
  });

  it('keeps the answer of a command that changed nothing', async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    await here.run('AddToFavorites', { movieId });
    const first = await here.run('AddToFavorites', { movieId }, { idempotencyKey });
    expect(first.appended).to.equal(0);
    await here.run('RemoveFromFavorites', { movieId });
    expect(await here.run('AddToFavorites', { movieId }, { idempotencyKey })).to.deep.equal(first);
  });

  it('may be given again after it was refused', async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    await here.run('RemoveMovie', { movieId });
    const edit = { movieId, changes: { tagline: 'War' } };
    await here.refused('EditMovieDetails', edit, { idempotencyKey });
    await here.run('RestoreMovie', { movieId });
    expect((await here.run('EditMovieDetails', edit, { idempotencyKey })).appended).to.equal(1);
  });

  it('that was appended but not answered is answered, not appended again', async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    const data = { movieId, watched: 'now', rating: 6 } as const;
    const first = await here.run('RecordWatchEvent', data, { idempotencyKey });
    // Others go on meanwhile, on the same stream too.
    await here.run('AddToFavorites', { movieId });
    await forgetAnswer(idempotencyKey);
    const before = await head();
    expect(await elsewhere.run('RecordWatchEvent', data, { idempotencyKey })).to.deep.equal(first);
    expect(await head()).to.equal(before);
    await forgetAnswer(idempotencyKey);
    expect(await here.run('RecordWatchEvent', data, { idempotencyKey })).to.deep.equal(first);
  });

  it('that made something without an id of its own makes that again, and not another', async () => {
    const idempotencyKey = randomUUID();
    const data = { name: 'Attic', kind: 'movies' } as const;
    const first = await here.run('CreateLibrary', data, { idempotencyKey });
    await forgetAnswer(idempotencyKey);
    const again = await elsewhere.run('CreateLibrary', data, { idempotencyKey });
    expect(again).to.deep.equal(first);
    expect((await here.eventStore.readStream(libraryStream(first.id))).events).to.have.length(1);
  });

  it('whose process died before it did anything is done by whoever gives it again', async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    const data = { movieId, rating: 5 };
    await here.run('RateMovie', data, { idempotencyKey });
    await here.database.query({
      text: 'insert into command_receipts (user_id, key, fingerprint) select user_id, $2, fingerprint from command_receipts where key = $1',
      values: [idempotencyKey, `${idempotencyKey} died`],
    });
    await here.run('RemoveRating', { movieId });
    const resumed = await elsewhere.run('RateMovie', data, {
      idempotencyKey: `${idempotencyKey} died`,
    });
    expect(resumed.appended).to.equal(1);
  });

  describe('whose receipt was forgotten', () => {
    const forget = async (key: string): Promise<void> => {
      await here.database.query({
        text: 'delete from command_receipts where key = $1',
        values: [key],
      });
    };
    const recorded = async (userId: string, movieId: string) =>
      (await here.eventStore.readStream(viewingStream(userId, movieId))).events;

    it('is answered as the first was, and appended once', async () => {
      const movieId = await newFilm();
      const idempotencyKey = randomUUID();
      const data = { movieId, rating: 7, review: 'Rain.' };
      const first = await here.run('RateMovie', data, { idempotencyKey });
      await here.run('RateMovie', { movieId, rating: 3 });
      await forget(idempotencyKey);
      const before = await head();
      expect(await elsewhere.run('RateMovie', data, { idempotencyKey })).to.deep.equal(first);
      expect(await head()).to.equal(before);
    });

    it('is the same command although "now" is another moment by then', async () => {
      const later = await openCommandProcess(both.fresh.connectionString, {
        now: () => new Date(Date.now() + 40 * 86_400_000),
      });
      try {
        const movieId = await newFilm();
        const idempotencyKey = randomUUID();
        const data = { movieId, watched: 'now' } as const;
        const first = await here.run('RecordWatchEvent', data, { idempotencyKey });
        await forget(idempotencyKey);
        expect(await later.run('RecordWatchEvent', data, { idempotencyKey })).to.deep.equal(first);
        expect(await recorded(owner.userId, movieId)).to.have.length(1);
      } finally {
        await later.close();
      }
    });

    it('leaves its key to another command, which is recorded', async () => {
      const movieId = await newFilm();
      const idempotencyKey = randomUUID();
      const watch = async (date: string, movie = movieId) => {
        await forget(idempotencyKey);
        const data = { movieId: movie, watched: { date } };
        return here.run('RecordWatchEvent', data, { idempotencyKey });
      };
      const outcomes = [
        await watch('2024-05-01'),
        await watch('2024-05-02'),
        await watch('2024-05-01', await newFilm()),
      ];
      expect(new Set(outcomes.map(({ id }) => id)).size).to.equal(3);
      expect(outcomes.map(({ created }) => created)).to.deep.equal([true, true, true]);
      expect(await recorded(owner.userId, movieId)).to.have.length(2);
    });
  });

  it('that was begun when ids followed from the key alone is found by them', async () => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    const data = { movieId, watched: 'now', force: true } as const;
    await here.run('RecordWatchEvent', data, { idempotencyKey: `${idempotencyKey}-of-now` });
    await here.database.query({
      text: `insert into command_receipts (user_id, key, fingerprint)
             select user_id, $2, fingerprint from command_receipts where key = $1`,
      values: [`${idempotencyKey}-of-now`, idempotencyKey],
    });
    const first = await here.run('RecordWatchEvent', data, { idempotencyKey });
    const commandId = derivedId(`command:${owner.userId}:${idempotencyKey}`);
    expect(first).to.include({ appended: 1, id: derivedId(`${commandId}:play`) });
    const { events } = await here.eventStore.readStream(first.stream);
    expect(events.at(-1)?.id).to.equal(derivedId(`${commandId}:event:0`));
    await forgetAnswer(idempotencyKey);
    expect(await elsewhere.run('RecordWatchEvent', data, { idempotencyKey })).to.deep.equal(first);
    expect((await here.eventStore.readStream(first.stream)).events).to.have.length(2);
  });

  it('is one of many that are given under one key at the same time; the others are refused', async () => {
    for (let time = 0; time < 5; time += 1) {
      const movieId = await newFilm();
      const idempotencyKey = randomUUID();
      const settled = await Promise.allSettled(
        Array.from({ length: 10 }, (_, nth) =>
          (nth % 2 === 0 ? here : elsewhere).run(
            'RateMovie',
            { movieId, rating: nth },
            { idempotencyKey },
          ),
        ),
      );
      const refused = settled.filter(({ status }) => status === 'rejected');
      expect(refused).to.have.length(9);
      for (const each of refused) {
        expect(each).to.nested.include({ 'reason.failure.kind': 'idempotency-key-reused' });
      }
      const { events } = await here.eventStore.readStream(viewingStream(owner.userId, movieId));
      expect(events).to.have.length(1);
    }
  });

  it('has one answer in all processes, also where others change what is decided on', async () => {
    for (let time = 0; time < 10; time += 1) {
      const movieId = await newFilm();
      const idempotencyKey = randomUUID();
      const give = (process: CommandProcess) =>
        process.run('RateMovie', { movieId, rating: 7, review: 'Rain.' }, { idempotencyKey });
      const [first, ...others] = await Promise.all([
        ...[give(here), give(elsewhere), give(here), give(elsewhere)],
        ...[
          here.run('RateMovie', { movieId, rating: 7 }),
          elsewhere.run('RateMovie', { movieId, rating: 3 }),
        ],
      ]);
      for (const other of others.slice(0, 3)) expect(other).to.deep.equal(first);
    }
  });

  it('is done once when many give it at the same time, in several processes', async () => {
    for (let time = 0; time < 5; time += 1) await givenByMany();
  });

  const givenByMany = async (): Promise<void> => {
    const movieId = await newFilm();
    const idempotencyKey = randomUUID();
    const data = { movieId, watched: { date: '2020-02-29' } } as const;
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        (nth % 2 === 0 ? here : elsewhere).run('RecordWatchEvent', data, { idempotencyKey }),
      ),
    );
    expect(new Set(outcomes.map(({ id }) => id)).size).to.equal(1);
    expect(new Set(outcomes.map(({ position }) => position)).size).to.equal(1);
    const { events } = await here.eventStore.readStream(viewingStream(owner.userId, movieId));
    expect(events.map(({ type }) => type)).to.deep.equal(['MovieWatched']);
  };

  it('is done once by several processes also when it must find a revision', async () => {
    for (let time = 0; time < 5; time += 1) {
      const movieId = await newFilm();
      const { revision: known } = await here.run('AddToFavorites', { movieId });
      const told = {
        idempotencyKey: randomUUID(),
        precondition: (revision: bigint | undefined) => revision === known,
      };
      const outcomes = await Promise.all(
        [here, elsewhere, here, elsewhere].map((process) =>
          process.run('RateMovie', { movieId, rating: time }, told),
        ),
      );
      expect(outcomes.map(({ revision }) => revision)).to.deep.equal([1n, 1n, 1n, 1n]);
    }
  });
});
