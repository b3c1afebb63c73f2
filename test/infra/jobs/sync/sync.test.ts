import { expect } from 'chai';
import type { Work } from '../../../../src/commands/ports/workQueue.js';
import type { Window } from '../../../../src/domain/sync/window.js';
import { addDays } from '../../../../src/domain/time/calendar.js';
import { filmChanges } from '../../../../src/infra/jobs/sync/films.js';
import { BadWindow, syncChanges } from '../../../../src/infra/jobs/sync/sync.js';
import {
  createSyncProgress,
  type SyncProgress,
} from '../../../../src/infra/jobs/sync/syncProgress.js';
import {
  createFilmRefreshes,
  type FilmRefreshes,
} from '../../../../src/infra/metadata/filmRefreshes.js';
import { createTmdb, tmdbProvider } from '../../../../src/infra/metadata/tmdb/tmdb.js';
import { createOutgoing, type Outgoing } from '../../../../src/infra/outgoing/outgoing.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../../support/providers/faultyServer.js';
import { testLogger } from '../../../support/run/logger.js';

const today = '2026-11-20';
const { signal } = new AbortController();
const filmOf = (tmdbId: number): string =>
  `00000000-0000-4000-8000-${String(tmdbId).padStart(12, '0')}`;

describe('A sync of films', () => {
  let provider: FaultyServer;
  let outgoing: Outgoing;
  let fresh: FreshDatabase;
  let progress: SyncProgress;
  let refreshes: FilmRefreshes;
  const queued: Work[] = [];
  /** What the provider says changed in a slice, page by page; nothing that makes sense where there is none. */
  let pagesOf: (slice: Window) => readonly (readonly (number | null)[])[] | undefined;

  before(async () => {
    fresh = await freshDatabase({ contents: 'prepared' });
    provider = await startFaultyServer((url, _, response) => {
      const [start = '', end = '', page] = ['start_date', 'end_date', 'page'].map(
        (name) => url.searchParams.get(name) ?? '',
      );
      const pages = pagesOf({ start, end });
      if (!pages) {
        sendJson(response, 200, { success: false });
        return;
      }
      const results = (pages[Number(page) - 1] ?? []).map((id) => ({ id, adult: false }));
      sendJson(response, 200, { results, page, total_pages: pages.length });
    });
    const settings = { key: 'a-key', baseUrl: `${provider.url}/3`, language: 'en-US' };
    const asked = { ...tmdbProvider(settings, false), firstRetryMs: 1 };
    outgoing = createOutgoing(asked, { logger: testLogger });
    progress = createSyncProgress(fresh.database);
    refreshes = createFilmRefreshes(fresh.database);
    await fresh.database.query({
      text: `insert into reservations (name, owner)
             select 'tmdb:movie:' || id, owner from unnest($1::int[], $2::uuid[]) as f (id, owner)`,
      values: [[1, 2, 3], [1, 2, 3].map(filmOf)],
    });
  });

  after(async () => {
    await outgoing.close();
    await provider.close();
    await fresh.drop();
  });

  beforeEach(async () => {
    provider.forget();
    queued.length = 0;
    await fresh.database.query({ text: 'truncate film_refreshes, sync_progress' });
  });

  const syncing = (days: { start?: string; end?: string } = {}) => {
    const queue = {
      add: (work: readonly Work[]) => {
        queued.push(...work);
        return Promise.resolve();
      },
    };
    const tmdb = createTmdb(outgoing, { language: 'en-US' });
    const kinds = [filmChanges(tmdb, refreshes, queue)];
    return syncChanges({ kinds, progress, today, logger: testLogger }, days, signal);
  };
  const asked = () =>
    provider.received.map(({ url: { pathname, searchParams } }) => {
      expect(pathname).to.equal('/3/movie/changes');
      expect(searchParams.has('language')).to.equal(false);
      return ['start_date', 'end_date', 'page'].map((name) => searchParams.get(name)).join(' ');
    });
  const stale = async (): Promise<readonly string[]> =>
    (
      await fresh.database.query<{ id: string }>({
        text: `select movie_id as id from film_refreshes where stale_since is not null order by 1`,
      })
    ).map(({ id }) => id);
  const until = async () => (await progress.read()).get('films');

  it('marks the films of the catalogue that changed since yesterday, and has them looked up', async () => {
    pagesOf = () => [
      [1, null, 700],
      [3, 3, 1],
    ];
    const yesterday = addDays(today, -1);
    expect(await syncing()).to.equal(
      `films: 3 changed from ${yesterday} to ${today}, 2 of them marked`,
    );
    expect(asked()).to.deep.equal([`${yesterday} ${today} 1`, `${yesterday} ${today} 2`]);
    expect(await stale()).to.deep.equal([1, 3].map(filmOf));
    expect(queued).to.have.deep.members(
      [1, 3].map((id) => ({ kind: 'enrich-movie', movieId: filmOf(id) })),
    );
    expect(await until()).to.equal(today);
    await refreshes.note(filmOf(1), 'unchanged');
    await refreshes.note(filmOf(3), 'unknown');
    expect(await stale()).to.deep.equal([]);
  });

  it('goes on after the last slice that was done, where one failed', async () => {
    const start = addDays(today, -30);
    const [first, second] = [addDays(start, 14), addDays(start, 28)];
    let isAway = true;
    pagesOf = (slice) => (isAway && slice.end === second ? undefined : [[2]]);
    await progress.save('films', start);
    const { message } = await rejection(syncing(), AggregateError);
    expect(message).to.equal(
      `films: 1 changed from ${start} to ${first}, 1 of them marked, then: TMDb: /movie/changes is no list`,
    );
    expect(await until()).to.equal(first);
    isAway = false;
    provider.forget();
    await syncing();
    expect(asked()).to.deep.equal([`${first} ${second} 1`, `${second} ${today} 1`]);
    expect(await until()).to.equal(today);
  });

  it('marks all films where the changes go back too far, and asks for none', async () => {
    await refreshes.note(filmOf(1), 'enriched');
    await refreshes.note(filmOf(2), 'no-match');
    const start = addDays(today, -400);
    expect(await syncing({ start })).to.equal(`films: all 2 marked, for ${start} is too long ago`);
    expect(asked()).to.deep.equal([]);
    expect(await stale()).to.deep.equal([1, 2].map(filmOf));
  });

  it('asks for fewer days where there are more pages than a list may have', async () => {
    const start = addDays(today, -3);
    const middle = addDays(start, 1);
    pagesOf = (slice) =>
      slice.start === start && slice.end === today
        ? Array.from({ length: 501 }, () => [1])
        : [[slice.start === start ? 2 : 3]];
    await syncing({ start });
    expect(asked()).to.deep.equal([
      `${start} ${today} 1`,
      `${start} ${middle} 1`,
      `${middle} ${today} 1`,
    ]);
    expect(await stale()).to.deep.equal([2, 3].map(filmOf));
  });

  it('asks for nothing where the catalogue has no films', async () => {
    await fresh.database.query({ text: 'truncate reservations' });
    expect(await syncing()).to.equal('films: none here');
    expect(asked()).to.deep.equal([]);
    expect(await until()).to.equal(today);
  });

  it('asks nobody for days that there are not', async () => {
    await rejection(syncing({ start: addDays(today, 1) }), BadWindow);
    await progress.save('films', today);
    await rejection(syncing({ end: addDays(today, -1) }), BadWindow);
    expect(asked()).to.deep.equal([]);
  });
});
