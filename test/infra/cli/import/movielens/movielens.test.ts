import { expect } from 'chai';
import { needsDatasets } from '../../../../support/run/datasets.js';
import { personIdOf } from '../../../../../src/infra/cli/import/movielens/dataset.js';
import { achievements } from '../../../../../src/queries/stats/achievements.js';
import { favorites } from '../../../../../src/queries/viewing/favorites.js';
import { genres } from '../../../../../src/queries/catalogue/genres.js';
import { movieRatings } from '../../../../../src/queries/catalogue/movieRatings.js';
import { movieState } from '../../../../../src/queries/viewing/movieState.js';
import { movieWatches } from '../../../../../src/queries/viewing/movieWatches.js';
import { profile } from '../../../../../src/queries/accounts/profile.js';
import { stats } from '../../../../../src/queries/stats/stats.js';
import { streaks } from '../../../../../src/queries/stats/streaks.js';
import type { CsvFilm, CsvPlay } from './dataset.js';
import { importedSlice, type ImportedSlice } from './importedSlice.js';
import {
  achievementsOf,
  dateOf,
  meanOf,
  minutesOf,
  ratingStatsOf,
  statsOf,
  streaksOf,
} from './numbers.js';

const PEOPLE = 20;

const watchedAt = (play: CsvPlay) => ({
  ...{ precision: 'instant', instant: play.instant, zone: 'UTC', localDate: dateOf(play) },
});
const byFilm = (a: { readonly movieId: string }, b: { readonly movieId: string }) =>
  a.movieId < b.movieId ? -1 : 1;

/** Everything that the read models say of a slice of MovieLens, against what its CSV files add up to. */
describe('An imported MovieLens', () => {
  let slice: ImportedSlice;
  let imported: ImportedSlice | undefined;
  before(async function () {
    needsDatasets(this, 'MovieLens and TMDb 5000');
    imported = await importedSlice(PEOPLE);
    slice = imported;
  });
  after(() => imported?.service.close());

  it('is every film, person and rating of the files, with nothing refused', () => {
    const all = (added: number) => ({ added, alreadyThere: 0, refused: 0 });
    const { summary, films, viewers } = slice;
    const plays = viewers.flatMap((viewer) => viewer.plays);
    expect(plays).to.have.lengthOf.above(2_000);
    expect(summary).to.deep.include({
      films: all(films.length),
      people: all(PEOPLE),
      ratings: all(plays.length),
      events: films.length + PEOPLE + 2 * plays.length,
      refused: [],
    });
  });

  it('has each film in the catalogue with what the files know of it', () => {
    const { catalogue, films } = slice;
    expect([...catalogue.keys()].sort()).to.deep.equal(films.map(({ key }) => key).sort());
    for (const film of films) {
      const { title, year, releaseDate, minutes, language, communityRating } = film;
      const known = (values: readonly string[], field: string) =>
        values.length === 0 ? {} : { [field]: values };
      expect(catalogue.get(film.key), film.movieLensTitle).to.deep.include({
        ...(title === undefined ? {} : { title }),
        ...known(film.genres, 'genres'),
        ...known(film.countries, 'countries'),
        ...known(film.studios, 'studios'),
        ...(year === undefined ? {} : { year }),
        ...(releaseDate === undefined ? {} : { releaseDate }),
        ...(minutes === undefined ? {} : { runtimeMinutes: minutes }),
        ...(language === undefined ? {} : { originalLanguage: language }),
        ...(communityRating === undefined ? {} : { communityRating }),
      });
    }
  });

  it('has as many films of each genre, decade and language as the files', async () => {
    const { films } = slice;
    const names = [...new Set(films.flatMap((film) => film.genres))].sort();
    expect(await slice.ask(genres, '/genres')).to.deep.equal({
      genres: names.map((name) => ({
        name,
        movies: films.filter((film) => film.genres.includes(name)).length,
        href: `movies?genre=${encodeURIComponent(name)}`,
      })),
    });
    const filters: readonly (readonly [string, (film: CsvFilm) => boolean])[] = [
      ['genre=Film-Noir', (film) => film.genres.includes('Film-Noir')],
      ['decade=1950', (film) => String(film.year).startsWith('195')],
      ['language=it', (film) => film.language === 'it'],
      ['minRating=8', (film) => (film.communityRating ?? 0) >= 8],
    ];
    for (const [filter, holds] of filters) {
      const found = (await slice.lists.movies(filter)).map(({ id }) => id);
      const expected = films.filter(holds).map(slice.idOf);
      expect(expected, filter).to.have.lengthOf.above(3);
      expect(found.sort(), filter).to.deep.equal(expected.sort());
    }
  });

  it('adds up to the stats that each person’s rows add up to', () =>
    slice.forEachViewer(async ({ plays, token }) => {
      const { monthlyActivity, ...rest } = await slice.ask(stats, '/me/stats?limit=100', token);
      expect(rest).to.deep.equal({
        period: 'all',
        undatedPlays: 0,
        ...statsOf(plays, 100),
        ratings: ratingStatsOf(plays),
      });
      expect(monthlyActivity).to.have.lengthOf(24);
      for (const month of monthlyActivity ?? []) {
        expect(month).to.deep.include({ movies: 0, plays: 0, minutes: 0 });
      }
    }));

  it('adds up to the stats of each year, month and range of days', () =>
    slice.forEachViewer(async ({ plays, token }) => {
      const dateAt = (share: number) =>
        dateOf(plays[Math.floor((plays.length - 1) * share)] ?? plays[0]);
      const [from, half, to] = [dateAt(0), dateAt(0.5), dateAt(1)];
      const years = new Set(plays.map((play) => dateOf(play).slice(0, 4)));
      const months = [from.slice(0, 7), to.slice(0, 7)];
      const periods: readonly (readonly [string, string, (date: string) => boolean])[] = [
        ...[...years].map(
          (year) => [year, `year&year=${year}`, (date: string) => date.startsWith(year)] as const,
        ),
        ...months.map(
          (month) =>
            [
              month,
              `month&year=${month.slice(0, 4)}&month=${Number(month.slice(5))}`,
              (date: string) => date.startsWith(month),
            ] as const,
        ),
        [`${from}/${half}`, `range&from=${from}&to=${half}`, (date) => date <= half],
        [`${half}/${to}`, `range&from=${half}&to=${to}`, (date) => date >= half],
      ];
      for (const [period, asked, holds] of periods) {
        const answer = await slice.ask(stats, `/me/stats?period=${asked}`, token);
        expect(answer, period).to.deep.equal({
          period,
          ...statsOf(
            plays.filter((play) => holds(dateOf(play))),
            20,
          ),
          ratings: ratingStatsOf(plays),
        });
      }
    }));

  it('makes the streaks, with their dates, that the days of the files make', () =>
    slice.forEachViewer(async ({ plays, token }) => {
      const { today, ...rest } = await slice.ask(streaks, '/me/streaks', token);
      expect(rest).to.deep.equal(streaksOf(plays));
      expect(today > dateOf(plays.at(-1) ?? plays[0])).to.equal(true);
    }));

  it('earns each achievement by the very play that crossed the line, and none besides', async () => {
    const everEarned = new Set<string>();
    await slice.forEachViewer(async ({ plays, token }) => {
      const answer = await slice.ask(achievements, '/me/achievements', token);
      const watches = await slice.lists.watches(token);
      const expected = achievementsOf(plays).map(({ id, progress, earnedBy }) => {
        if (!earnedBy) return { id, progress, earned: null };
        everEarned.add(id);
        const movieId = slice.idOf(earnedBy.film);
        const watch = watches.find((one) => one.movieId === movieId);
        return {
          ...{ id, progress },
          earned: id.startsWith('ratings:')
            ? { at: watch?.recordedAt, via: { movieId }, retroactive: true, seen: false }
            : {
                at: watch?.recordedAt,
                via: { movieId, watchId: watch?.id, watched: watchedAt(earnedBy) },
                ...{ retroactive: true, seen: false },
              },
        };
      });
      expect(answer.achievements.map(({ name: _, description: __, ...rest }) => rest))
        .to.have.deep.members(expected)
        .and.lengthOf(expected.length);
      const earned = expected.filter((one) => one.earned !== null).length;
      expect(answer).to.include({ earned, unseen: earned });
    });
    // The slice is large enough to tell something.
    expect([...everEarned]).to.include.members([
      ...['opening_credits', 'century_club', 'critics_pick', 'time_traveler', 'films:500'],
      ...['genre_explorer:bronze', 'genre_explorer:silver', 'genre_explorer:gold'],
      ...['night_owl', 'early_bird', 'hours:1000', 'streak:3', 'countries:20', 'ratings:500'],
      ...['four_in_a_day', 'silver_screen'],
    ]);
  });

  it('is each person’s history, newest first, whole and without a repeat over its pages', () =>
    slice.forEachViewer(async ({ plays, token }) => {
      const watches = await slice.lists.watches(token, `limit=${Math.ceil(plays.length / 4)}`);
      const told = watches.map(({ movieId, watched, runtimeMinutes, rewatchNumber, source }) => ({
        ...{ movieId, watched, runtimeMinutes, rewatchNumber, source },
      }));
      const expected = plays.map((play) => ({
        ...{
          movieId: slice.idOf(play.film),
          watched: watchedAt(play),
          runtimeMinutes: minutesOf(play),
        },
        ...{ rewatchNumber: 1, source: 'import' },
      }));
      expect(told.toSorted(byFilm)).to.deep.equal(expected.sort(byFilm));
      const instants = plays.map(({ instant }) => instant).reverse();
      expect(told.map(({ watched }) => 'instant' in watched && watched.instant)).to.deep.equal(
        instants,
      );
    }));

  it('is found in the history by days and by film', () =>
    slice.forEachViewer(async ({ plays, token }) => {
      const play = plays[Math.floor(plays.length / 3)] ?? plays[0];
      const [date, movieId] = [dateOf(play), slice.idOf(play.film)];
      const ofDay = await slice.lists.watches(token, `from=${date}&to=${date}&limit=500`);
      expect(ofDay).to.have.lengthOf(plays.filter((one) => dateOf(one) === date).length);
      const [ofFilm, ...more] = await slice.lists.watches(token, `movieId=${movieId}`);
      expect(ofFilm).to.deep.include({ movieId, watched: watchedAt(play) });
      expect(more).to.deep.equal([]);
      const answer = await slice.ask(movieWatches, `/movies/${movieId}/watches`, token);
      expect(answer).to.deep.equal({ watches: [ofFilm] });
    }));

  it('is each person’s ratings, in order of their value too', () =>
    slice.forEachViewer(async ({ plays, token }) => {
      const expected = plays
        .map(({ film, rating, instant }) => `${slice.idOf(film)} ${rating} ${instant}`)
        .sort();
      for (const sort of ['rated', 'rating']) {
        const given = await slice.lists.ratings(
          token,
          `sort=${sort}&limit=${Math.ceil(plays.length / 3)}`,
        );
        expect(
          given.map(({ movieId, rating, ratedAt }) => `${movieId} ${rating} ${ratedAt}`).sort(),
        ).to.deep.equal(expected);
        if (sort === 'rated') {
          expect(given.map(({ ratedAt }) => ratedAt)).to.deep.equal(
            plays.map(({ instant }) => instant).toSorted((a, b) => (a < b ? 1 : -1)),
          );
        }
        if (sort === 'rating') {
          expect(given.map(({ rating }) => rating)).to.deep.equal(
            plays.map(({ rating }) => rating).sort((a, b) => b - a),
          );
        }
      }
    }));

  it('has every film rated as often, and as well on average, as all people of the files rated it', async () => {
    const given = new Map<string, number[]>();
    for (const { film, rating } of slice.viewers.flatMap(({ plays }) => plays)) {
      given.set(film.key, [...(given.get(film.key) ?? []), rating]);
    }
    await Promise.all(
      slice.films.map(async (film) => {
        const all = given.get(film.key) ?? [];
        const answer = await slice.ask(movieRatings, `/movies/${slice.idOf(film)}/ratings`);
        expect(answer, film.movieLensTitle).to.deep.equal({
          ...{ movieId: slice.idOf(film), count: all.length },
          // Of one rating the mean would tell everybody what it is.
          mean: all.length === 1 ? null : meanOf(all),
        });
      }),
    );
  });

  it('stands as watched in each person’s list, and in no other state', () =>
    slice.forEachViewer(async ({ plays, token }) => {
      const entries = await slice.lists.watchlist(token);
      expect(entries.map(({ movieId }) => movieId).sort()).to.deep.equal(
        plays.map(({ film }) => slice.idOf(film)).sort(),
      );
      for (const entry of entries) {
        expect(entry).to.include({ state: 'watched', plays: 1, wantToRewatch: false });
      }
      expect(await slice.lists.watchlist(token, 'state=want_to_watch')).to.deep.equal([]);
      expect(await slice.ask(favorites, '/me/favorites', token)).to.deep.equal({
        ...{ favorites: [], nextCursor: null },
      });
    }));

  it('tells each person what they have to do with a film, and nobody of others', () =>
    slice.forEachViewer(async ({ number, plays, token }) => {
      const seen = new Set(plays.map(({ film }) => film.key));
      const unseen = slice.films.find(({ key }) => !seen.has(key));
      const play = plays[number % plays.length] ?? plays[0];
      if (!unseen) throw new Error('nobody in the files saw everything');
      const nothing = {
        ...{ state: 'none', inWatchlist: false, wantToRewatch: false, favorite: false, plays: 0 },
        ...{ lastWatchedAt: null, rating: null, review: null, spoiler: false },
        ...{ ratedAt: null, reviewedAt: null, addedToFavoritesAt: null, addedToWatchlistAt: null },
      };
      expect(
        await slice.ask(movieState, `/movies/${slice.idOf(play.film)}/state`, token),
        play.film.movieLensTitle,
      ).to.deep.equal({
        ...{ ...nothing, movieId: slice.idOf(play.film), state: 'watched', plays: 1 },
        ...{ lastWatchedAt: play.instant, rating: play.rating, ratedAt: play.instant },
      });
      expect(
        await slice.ask(movieState, `/movies/${slice.idOf(unseen)}/state`, token),
      ).to.deep.equal({
        ...{ ...nothing, movieId: slice.idOf(unseen) },
      });
    }));

  it('has an account for each person', () =>
    slice.forEachViewer(async ({ number, token }) => {
      expect(await slice.ask(profile, '/me', token)).to.include({
        ...{ id: personIdOf(number), displayName: `MovieLens ${number}` },
        ...{ timezone: 'UTC', role: 'member' },
      });
    }));

  it('is not imported twice: importing again finds everything there and appends nothing', async () => {
    const { films, viewers, service } = slice;
    const head = await service.head();
    const again = await slice.importAgain();
    const all = (alreadyThere: number) => ({ added: 0, alreadyThere, refused: 0 });
    expect(again).to.deep.include({
      films: all(films.length),
      people: all(PEOPLE),
      ratings: all(viewers.reduce((count, { plays }) => count + plays.length, 0)),
      events: 0,
      refused: [],
    });
    expect(await service.head()).to.equal(head);
  });
});
