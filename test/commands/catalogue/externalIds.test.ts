import { expect } from 'chai';
import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreError } from '../../../src/commands/ports/eventStore.js';
import { movieStream } from '../../../src/domain/streams.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import {
  openTwoProcesses,
  type CommandProcess,
  type TwoProcesses,
} from '../../support/service/commandProcess.js';
import { eventually } from '../../support/run/eventually.js';
import { rejection } from '../../support/deciders/rejection.js';

describeOnBothLogs("A film's external ids", () => {
  let both: TwoProcesses;
  let here: CommandProcess;
  let elsewhere: CommandProcess;

  before(async () => {
    both = await openTwoProcesses();
    ({ here, elsewhere } = both);
  });
  after(() => both.close());

  let given = randomInt(1_000, 1_000_000);
  /** Ids that no other film of the tests has. */
  const ids = () => {
    given += 1;
    return { tmdbId: given, imdbId: `tt${String(given).padStart(7, '0')}`, tvdbId: given };
  };
  const taken = { kind: 'already-exists', code: 'external-id-taken' };

  it('lead to one film, whoever imports it and by whichever of them', async () => {
    const { tmdbId, imdbId } = ids();
    const first = await here.run('ImportMovie', { title: 'Ikiru', tmdbId, imdbId });
    const byImdb = await elsewhere.run('ImportMovie', { title: 'Ikiru', imdbId });
    expect(byImdb).to.include({ id: first.id, created: false });
  });

  it('lead many who import at once to one film', async () => {
    const { tmdbId } = ids();
    const outcomes = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        (nth % 2 === 0 ? here : elsewhere).run('ImportMovie', { title: 'Rashomon', tmdbId }),
      ),
    );
    expect(new Set(outcomes.map(({ id }) => id)).size).to.equal(1);
    const [{ id } = { id: '' }] = outcomes;
    const { events } = await here.eventStore.readStream(movieStream(id));
    expect(events.map(({ type }) => type)).to.deep.equal(['MovieImported']);
  });

  it('are given to one alone of many films that want them at once', async () => {
    const { imdbId } = ids();
    const attempts = await Promise.allSettled(
      Array.from({ length: 10 }, (_, nth) =>
        (nth % 2 === 0 ? here : elsewhere).run('ImportMovie', {
          ...{ movieId: randomUUID(), title: `Copy ${nth}`, imdbId },
        }),
      ),
    );
    expect(attempts.filter(({ status }) => status === 'fulfilled')).to.have.length(1);
    for (const attempt of attempts) {
      if (attempt.status === 'rejected') {
        expect(attempt.reason).to.have.nested.property('failure.code', 'external-id-taken');
      }
    }
  });

  it('cannot be taken from a live film, by an import or by an edit', async () => {
    const { tmdbId, imdbId } = ids();
    const first = await here.run('ImportMovie', { title: 'Stray Dog', tmdbId });
    const second = await here.run('ImportMovie', { title: 'Drunken Angel', imdbId });
    const before = await here.eventStore.headPosition();
    expect(
      await here.refused('ImportMovie', { movieId: randomUUID(), title: 'Stray Dog', tmdbId }),
    ).to.include({ ...taken, existingId: first.id });
    expect(
      await here.refused('EditMovieDetails', { movieId: second.id, changes: { tmdbId } }),
    ).to.include({ ...taken, existingId: first.id });
    expect(await here.refused('ImportMovie', { title: 'Both', tmdbId, imdbId })).to.include(taken);
    expect(await here.eventStore.headPosition()).to.equal(before);
  });

  it('are free again when the film is removed, and no longer when it is restored', async () => {
    const { tmdbId, imdbId } = ids();
    const { id: movieId } = await here.run('ImportMovie', {
      title: 'Dodes’ka-den',
      tmdbId,
      imdbId,
    });
    await here.run('RemoveMovie', { movieId });
    await here.run('RestoreMovie', { movieId });
    const copy = { movieId: randomUUID(), title: 'Dodes’ka-den', imdbId };
    expect(await here.refused('ImportMovie', copy)).to.include(taken);
    await here.run('RemoveMovie', { movieId });
    expect((await elsewhere.run('ImportMovie', copy)).created).to.equal(true);
    expect(await here.refused('RestoreMovie', { movieId })).to.include({
      ...taken,
      existingId: copy.movieId,
    });
  });

  it('are free again when they are edited away', async () => {
    const { tmdbId } = ids();
    const { id: movieId } = await here.run('ImportMovie', { title: 'Kagemusha', tmdbId });
    const copy = { movieId: randomUUID(), title: 'Kagemusha', tmdbId };
    expect(await here.refused('ImportMovie', copy)).to.include(taken);
    await here.run('EditMovieDetails', { movieId, changes: { tmdbId: null } });
    expect((await here.run('ImportMovie', copy)).created).to.equal(true);
  });

  it('of two films in one import are refused, and stay where they are', async () => {
    const [first, second] = [ids(), ids()];
    await here.run('ImportMovie', { title: 'Red Beard', tmdbId: first.tmdbId });
    const other = await here.run('ImportMovie', { title: 'High and Low', imdbId: second.imdbId });
    const mixed = { tmdbId: first.tmdbId, imdbId: second.imdbId };
    expect(await here.refused('ImportMovie', { title: 'Both', ...mixed })).to.include({
      ...taken,
      existingId: other.id,
    });
    expect(await here.refused('RecordWatchEvent', mixed)).to.include(taken);
    for (const own of [{ tmdbId: first.tmdbId }, { imdbId: second.imdbId }]) {
      const again = await elsewhere.run('ImportMovie', { title: 'Again', ...own });
      expect(again.created, JSON.stringify(own)).to.equal(false);
    }
  });

  it('stay with the film when two edits of it cross', async () => {
    const { tmdbId, imdbId, tvdbId } = ids();
    const { id: movieId } = await here.run('ImportMovie', { title: 'Yojimbo', tmdbId });
    await Promise.all([
      here.run('EditMovieDetails', { movieId, changes: { imdbId } }),
      elsewhere.run('EditMovieDetails', { movieId, changes: { tmdbId: null } }),
      elsewhere.run('EditMovieDetails', { movieId, changes: { tvdbId } }),
    ]);
    for (const own of [{ imdbId }, { tvdbId }]) {
      expect(
        await here.refused('ImportMovie', { movieId: randomUUID(), title: 'Copy', ...own }),
      ).to.include({ ...taken, existingId: movieId });
    }
    const free = { movieId: randomUUID(), title: 'Free', tmdbId };
    expect((await here.run('ImportMovie', free)).created).to.equal(true);
  });

  const reserved = async (name: string, ageSeconds: number): Promise<void> => {
    await here.database.query({
      text: `insert into reservations (name, owner, reserved_at)
             values ($1, $2, now() - make_interval(secs => $3))`,
      values: [name, randomUUID(), ageSeconds],
    });
  };

  it('that an import left behind when it died do not stand in the way of the next', async () => {
    const { tmdbId, imdbId } = ids();
    await reserved(`tmdb:movie:${tmdbId}`, 60);
    await reserved(`imdb:movie:${imdbId}`, 60);
    const made = await here.run('ImportMovie', { title: 'Dreams', tmdbId, imdbId });
    expect(made.created).to.equal(true);
    const again = await elsewhere.run('ImportMovie', { title: 'Dreams', imdbId });
    expect(again).to.include({ id: made.id, created: false });
  });

  it('that another command is about to use are waited for, until it used them or gave them up', async () => {
    const { tmdbId } = ids();
    const name = `tmdb:movie:${tmdbId}`;
    await reserved(name, 0);
    let done = false;
    const importing = here.run('ImportMovie', { title: 'Sanjuro', tmdbId }).then((outcome) => {
      done = true;
      return outcome;
    });
    await sleep(150);
    expect(done).to.equal(false);
    await here.database.query({ text: 'delete from reservations where name = $1', values: [name] });
    expect((await importing).created).to.equal(true);
  });

  it('are neither waited for nor kept when the caller leaves', async () => {
    const { tmdbId, imdbId } = ids();
    await reserved(`tmdb:movie:${tmdbId}`, 0);
    const left = new AbortController();
    const importing = here.run(
      'ImportMovie',
      { title: 'Ran', tmdbId, imdbId },
      { signal: left.signal },
    );
    setTimeout(() => {
      left.abort();
    }, 60);
    const error = await rejection(importing, EventStoreError);
    expect(error.failure.kind).to.equal('aborted');
    // Who leaves is let go at once; the names are freed behind them.
    await eventually('they are free', async () => {
      const kept = await here.database.query({
        text: 'select name from reservations where name = $1',
        values: [`imdb:movie:${imdbId}`],
      });
      return kept.length === 0;
    });
  });
});
