import { expect } from 'chai';
import type { ExecuteCommand } from '../../../../../src/commands/command.js';
import { OWNER_ID } from '../../../../../src/infra/auth/owner.js';
import {
  readSamples,
  samplesFolder,
  type Samples,
} from '../../../../../src/infra/cli/import/samples/files.js';
import {
  loadSamples,
  type SampleSummary,
} from '../../../../../src/infra/cli/import/samples/loadSamples.js';
import { achievements } from '../../../../../src/queries/stats/achievements.js';
import { favorites } from '../../../../../src/queries/viewing/favorites.js';
import { history } from '../../../../../src/queries/viewing/history.js';
import { movies } from '../../../../../src/queries/catalogue/movies.js';
import { profile } from '../../../../../src/queries/accounts/profile.js';
import { ratings } from '../../../../../src/queries/viewing/ratings.js';
import { streaks } from '../../../../../src/queries/stats/streaks.js';
import { watchlist } from '../../../../../src/queries/viewing/watchlist.js';
import { answersOf } from '../../../../support/service/answers.js';
import { freshDatabase } from '../../../../support/postgres/database.js';
import { openCommandProcess } from '../../../../support/service/commandProcess.js';
import { startReellog, type RunningReellog } from '../../../../support/service/reellog.js';

const load = (
  execute: ExecuteCommand,
  stop = new AbortController(),
  onProgress?: (commands: number, of: number) => void,
): Promise<SampleSummary> =>
  loadSamples({
    ...{ execute, folder: samplesFolder, ownerId: OWNER_ID, signal: stop.signal },
    ...(onProgress ? { onProgress } : {}),
  });

const counts = ({ films, accounts, plays, opinions, lists }: SampleSummary) => [
  films,
  accounts,
  plays,
  opinions,
  lists,
];

describe('Loading the samples', () => {
  let service: RunningReellog;
  let samples: Samples;
  let first: SampleSummary;
  let head: bigint;
  let people: readonly { readonly person: Samples['people'][number]; readonly token: string }[];
  const progress: (readonly [number, number])[] = [];

  before(async () => {
    samples = await readSamples(samplesFolder);
    service = await startReellog({}, async ({ execute, eventStore }) => {
      first = await load(execute, undefined, (done, of) => progress.push([done, of]));
      head = await eventStore.headPosition();
    });
    await service.caughtUp();
    people = await Promise.all(
      first.people.map(async ({ userId, displayName }) => {
        const { token } = await service.reellog.tokens.create({ userId, name: 'test' });
        const person = samples.people.find((one) => one.displayName === displayName);
        if (!person) throw new Error(`${displayName} is not in the file`);
        return { person, token };
      }),
    );
  });

  after(async () => {
    await service.close();
  });

  it('adds every film, person, play, opinion and wish, and refuses none', () => {
    expect(first.refused).to.deep.equal([]);
    for (const tally of counts(first)) {
      expect(tally.added).to.be.greaterThan(0);
      expect(tally).to.include({ alreadyThere: 0, refused: 0 });
    }
    expect(first.films.added).to.equal(samples.films.length);
    expect(first.accounts.added).to.equal(samples.people.length);
    expect(first.plays.added).to.equal(samples.people.flatMap(({ plays }) => plays).length);
    expect(first.position).to.equal(head);
  });

  it('tells how far it is, to the last command', () => {
    const commands = counts(first).reduce((sum, { added }) => sum + added, 0);
    expect(progress).to.deep.equal(
      Array.from({ length: commands }, (_, index) => [index + 1, commands]),
    );
  });

  it('makes the first person the owner, each in a zone of their own', async () => {
    expect(first.people.length).to.be.at.least(2);
    expect(first.people[0]?.userId).to.equal(OWNER_ID);
    for (const { person, token } of people) {
      const { displayName, timezone } = person;
      expect(await answersOf(service).ask(profile, '/me', token)).to.include({
        displayName,
        timezone,
      });
    }
  });

  it('shows each history as it was written: years of plays on the days of their zone', async () => {
    for (const { person, token } of people) {
      const { watches } = await answersOf(service).ask(history, '/me/history?limit=500', token);
      const shown = watches.map(({ title, watched, note, duplicateOf }) => {
        expect(duplicateOf, title).to.equal(undefined);
        return [title, watched.precision === 'unknown' ? null : watched.localDate, note ?? null];
      });
      expect(shown).to.have.deep.members(
        person.plays.map(({ film, watched, note }) => [
          film,
          watched?.slice(0, 10) ?? null,
          note ?? null,
        ]),
      );
      const years = new Set(shown.map(([, date]) => date?.slice(0, 4)));
      expect(years.size, person.displayName).to.be.greaterThan(3);
      expect(new Set(watches.map(({ watched }) => watched.precision))).to.deep.equal(
        new Set(['instant', 'date', 'unknown']),
      );
    }
  });

  it('shows what each person thinks of the films and wants to see', async () => {
    for (const { person, token } of people) {
      const { ask: get } = answersOf(service);
      const rated = (await get(ratings, '/me/ratings?limit=500', token)).ratings;
      expect(rated.map(({ title, rating }) => [title, rating])).to.have.deep.members(
        person.opinions.map(({ film, rating }) => [film, rating]),
      );
      const loved = (await get(favorites, '/me/favorites?limit=500', token)).favorites;
      expect(loved.map(({ title }) => title)).to.have.members(person.favorites);
      const { entries } = await get(watchlist, '/me/watchlist?limit=500', token);
      const wished = entries.filter(({ addedAt }) => addedAt !== null);
      const seen = new Set(person.plays.map(({ film }) => film));
      expect(
        wished.map(({ title, state, wantToRewatch }) => [title, state, wantToRewatch]),
      ).to.have.deep.members(
        person.watchlist.map(({ film, state }) => [
          film,
          state ?? (seen.has(film) ? 'watched' : 'want_to_watch'),
          state === undefined && seen.has(film),
        ]),
      );
      expect(wished.map(({ state }) => state)).to.include.members(['dropped', 'on_hold']);
    }
  });

  it('earns what a demonstration wants to show, and leaves something to earn', async () => {
    for (const { person, token } of people) {
      const { ask: get } = answersOf(service);
      const all = (await get(achievements, '/me/achievements', token)).achievements;
      const earned = all.filter((one) => one.earned !== null).map(({ id }) => id);
      expect(earned, person.displayName).to.include.members([
        ...['opening_credits', 'genre_explorer:gold', 'time_traveler', 'critics_pick'],
        ...['night_owl', 'early_bird', 'streak:7', 'premiere', 'silver_screen', 'five_times'],
      ]);
      expect(earned).not.to.include('century_club');
      expect(all.find(({ id }) => id === 'century_club')?.progress).to.deep.equal({
        current: new Set(person.plays.map(({ film }) => film)).size,
        target: 100,
      });
      const { longest } = await get(streaks, '/me/streaks', token);
      expect(longest, person.displayName).to.be.at.least(9);
    }
  });

  it('adds nothing the second time', async () => {
    const before = await service.head();
    const again = await load(service.reellog.execute);
    expect(await service.head()).to.equal(before);
    expect(again).to.deep.include({ events: 0, position: 0n, refused: [], people: first.people });
    expect(counts(again)).to.deep.equal(
      counts(first).map(({ added }) => ({ added: 0, alreadyThere: added, refused: 0 })),
    );
  });

  it('leaves a play removed that somebody removed', async () => {
    const { watches } = await answersOf(service).ask(history, '/me/history?limit=1');
    const [play] = watches;
    const path = `/movies/${play?.movieId}/watches/${play?.id}`;
    expect((await service.api({ method: 'DELETE', path })).status).to.equal(204);
    const before = await service.head();
    expect((await load(service.reellog.execute)).events).to.equal(0);
    expect(await service.head()).to.equal(before);
  });

  it('refuses a film that was removed, and what was done with it, and loads the rest', async () => {
    const page = await answersOf(service).ask(movies, '/movies?limit=1&q=nosferatu');
    const path = `/movies/${page.movies[0]?.id}`;
    expect((await service.api({ method: 'DELETE', path })).status).to.equal(204);
    const again = await load(service.reellog.execute);
    expect(again.films).to.deep.equal({
      added: 0,
      alreadyThere: samples.films.length - 1,
      refused: 1,
    });
    expect(again.refused.map(({ code }) => code)).to.have.members([
      'movie-removed',
      'film-refused',
    ]);
    expect(again.refused.map(({ example }) => example).join()).to.include('"Nosferatu"');
    expect(again.plays.refused).to.be.greaterThan(0);
    expect(again.plays.alreadyThere).to.equal(first.plays.added - again.plays.refused);
  });

  it('goes on where it was interrupted', async () => {
    // The owner's account is there already.
    const fresh = await freshDatabase();
    const other = await openCommandProcess(fresh.connectionString);
    try {
      const owner = { userId: OWNER_ID, role: 'owner' } as const;
      await other.run('RegisterAccount', { ...owner, displayName: 'Owner' }, { actor: owner });
      const execute: ExecuteCommand = (request) => other.commands.execute(request);
      const stop = new AbortController();
      const begun = await load(execute, stop, (done, of) => {
        if (done > of / 2) stop.abort();
      });
      expect(begun.events).to.be.greaterThan(0).and.lessThan(first.events);
      const rest = await load(execute);
      expect(begun.events + rest.events).to.equal(first.events);
      expect(rest.refused).to.deep.equal([]);
    } finally {
      await other.close();
      await fresh.drop();
    }
  });
});
