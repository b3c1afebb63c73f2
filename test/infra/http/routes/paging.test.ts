import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { derivedId } from '../../../../src/domain/streams.js';
import { memberOf, textOf } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

const FILMS = 40;
const idOf = (nth: number): string => derivedId(`paging ${nth}`);

/** Films with much in common, so that orders have many ties, and much that is not known. */
const filmOf = (nth: number): object => ({
  movieId: idOf(nth),
  title: `The ${nth % 3 === 0 ? 'Third' : `Film ${nth % 7}`}`,
  ...(nth % 4 === 0 ? {} : { year: 1950 + (nth % 5) }),
  ...(nth % 5 === 0 ? {} : { releaseDate: `${1950 + (nth % 5)}-06-0${1 + (nth % 2)}` }),
  ...(nth % 6 === 0 ? {} : { communityRating: 6 + (nth % 4) / 10 }),
  ...(nth % 7 === 0 ? {} : { runtimeMinutes: 90 + (nth % 3) }),
});

describe('Lists in pages', () => {
  let reellog: RunningReellog;
  let added = FILMS;

  const done = async (method: string, path: string, body?: object): Promise<void> => {
    const { status, text } = await reellog.api({ method, path, ...(body ? { body } : {}) });
    expect(status, `${method} ${path}: ${text}`).to.be.lessThan(300);
  };

  before(async () => {
    reellog = await startReellog();
    const first = Array.from({ length: FILMS }, (_, nth) => nth);
    await Promise.all(first.map((nth) => done('POST', '/movies', filmOf(nth))));
    await Promise.all(
      first.map(async (nth) => {
        const film = `/movies/${idOf(nth)}`;
        const watched = nth % 3 === 0 ? 'unknown' : { date: `2024-0${1 + (nth % 4)}-01` };
        await done('POST', `${film}/watches`, { watched });
        await done('PUT', `${film}/rating`, { rating: nth % 4 });
        await done('PUT', `${film}/favorite`);
        await done('PUT', `${film}/watchlist`);
      }),
    );
  });

  after(async () => {
    await reellog.close();
  });

  /** One more of everything that is listed, at one end or other of each order. */
  const addAnother = async (): Promise<void> => {
    const nth = added;
    added += 1;
    await done('POST', '/movies', {
      ...{ movieId: idOf(nth), title: nth % 2 === 0 ? 'The Aardvark' : 'The Zebra' },
      ...{ year: nth % 2 === 0 ? 1900 : 2000, communityRating: nth % 2 === 0 ? 1 : 9 },
    });
    const film = `/movies/${idOf(nth)}`;
    await done('POST', `${film}/watches`, { watched: nth % 2 === 0 ? 'now' : 'unknown' });
    await done('PUT', `${film}/rating`, { rating: nth % 2 === 0 ? 10 : 0 });
    await done('PUT', `${film}/favorite`);
    await done('PUT', `${film}/watchlist`);
  };

  /** The films of a whole list, page by page; `between` happens before each page but the first. */
  const listed = async (
    path: string,
    entries: string,
    limit: number,
    between: () => Promise<void>,
  ): Promise<readonly string[]> => {
    const films: string[] = [];
    let cursor: unknown = '';
    while (typeof cursor === 'string') {
      const page = await reellog.api({
        path: `${path}limit=${limit}${cursor === '' ? '' : `&cursor=${cursor}`}`,
        headers: { 'Reellog-After': String(await reellog.head()) },
      });
      expect(page.status, page.text).to.equal(200);
      const here = memberOf(page.json, entries);
      if (!Array.isArray(here)) throw new Error(`no ${entries} in ${page.text}`);
      cursor = memberOf(page.json, 'nextCursor');
      if (cursor === null) expect(here.length).to.be.lessThanOrEqual(limit);
      else expect(here).to.have.length(limit);
      films.push(...here.map((entry) => textOf(entry, entries === 'movies' ? 'id' : 'movieId')));
      if (cursor !== null) await between();
    }
    return films;
  };

  const orders = ['title', 'year', 'releaseDate', 'rating', 'runtime', 'added'].flatMap((sort) => [
    [`/movies?sort=${sort}&order=asc&`, 'movies'] as const,
    [`/movies?sort=${sort}&order=desc&`, 'movies'] as const,
  ]);
  const lists = [
    ...orders,
    ['/movies?q=the&', 'movies'],
    ['/me/history?', 'watches'],
    ['/me/history?sort=recorded&', 'watches'],
    ['/me/watchlist?', 'entries'],
    ['/me/favorites?', 'favorites'],
    ['/me/ratings?', 'ratings'],
    ['/me/ratings?sort=rating&', 'ratings'],
  ] as const;

  for (const [path, entries] of lists) {
    it(`lose and repeat nothing while others are added: ${path.slice(0, -1)}`, async () => {
      const known = await listed(path, entries, 100, () => Promise.resolve());
      expect(new Set(known).size).to.equal(known.length);
      expect(known).to.have.length(added);
      const before = added;
      const paged = await listed(path, entries, 15, addAnother);
      expect(added).to.be.greaterThan(before);
      expect(new Set(paged).size).to.equal(paged.length);
      const old = new Set(known);
      expect(paged.filter((film) => old.has(film))).to.deep.equal(known);
    });
  }

  it('end where a page is just full', async () => {
    const path = '/movies?yearFrom=1950&yearTo=1954&sort=year&';
    const all = await listed(path, 'movies', 100, () => Promise.resolve());
    for (const limit of [1, all.length, all.length + 1]) {
      expect(await listed(path, 'movies', limit, () => Promise.resolve())).to.deep.equal(all);
    }
  });

  it('go on behind titles as long and as odd as titles may be', async () => {
    const title = (letters: (nth: number) => number): string =>
      Array.from({ length: 500 }, (_, nth) => String.fromCodePoint(letters(nth))).join('');
    // Without a pattern, so that nothing is saved by pressing it together.
    const mixed = (nth: number): number =>
      createHash('sha256').update(String(nth)).digest().readUInt32BE();
    const titles = [
      title((nth) => 0xac00 + (mixed(nth) % 11_172)),
      title((nth) => 0x20000 + (mixed(nth) % 42_000)),
      title((nth) => 0x3300 + (mixed(nth) % 88)),
      title(() => 0xfdfa),
    ];
    const genre = 'Long titles';
    for (const one of titles) await done('POST', '/movies', { title: one, genres: [genre] });
    const path = `/movies?genre=${encodeURIComponent(genre)}&`;
    const all = await listed(path, 'movies', 100, () => Promise.resolve());
    expect(all).to.have.length(titles.length);
    expect(await listed(path, 'movies', 1, () => Promise.resolve())).to.deep.equal(all);
    await reellog.caughtUp();
  });

  it('are not gone on with under another sort, order or filter: the cursor is refused', async () => {
    const lists: Readonly<Record<string, readonly string[]>> = {
      '/movies?limit=2&sort=title': [
        ...['sort=year', 'sort=title&order=desc', 'sort=title&yearFrom=1950', 'q=film'],
        ...['sort=title&genre=Drama', 'sort=title&minRating=1', 'sort=added', 'sort=rating'],
        ...['sort=title&decade=1950', 'sort=title&language=en', 'sort=title&country=US'],
        `sort=title&libraryId=${idOf(0)}`,
      ],
      '/movies?limit=2&q=film': ['q=third', 'q=film&sort=title', ''],
      '/me/history?limit=2': [
        'sort=recorded',
        `movieId=${idOf(0)}`,
        'from=2024-01-01',
        'to=2026-01-01',
      ],
      '/me/watchlist?limit=2': ['state=watched', 'state=want_to_watch'],
      '/me/ratings?limit=2': ['sort=rating'],
      '/me/favorites?limit=2': [],
    };
    await reellog.caughtUp();
    for (const [path, others] of Object.entries(lists)) {
      const first = await reellog.api({ path });
      const cursor = textOf(first.json, 'nextCursor');
      const same = await reellog.api({
        path: `${path.replace('limit=2', 'limit=3')}&cursor=${cursor}`,
      });
      expect(same.status, path).to.equal(200);
      const [list = ''] = path.split('?');
      const elsewhere = Object.keys(lists).find((one) => !one.startsWith(list)) ?? '';
      for (const other of [...others.map((one) => `${list}?${one}`), elsewhere]) {
        const refused = await reellog.api({ path: `${other}&cursor=${cursor}` });
        expect(refused.status, `${path} → ${other}`).to.equal(400);
        expect(memberOf(refused.json, 'errors', 0, 'field')).to.equal('cursor');
        expect(memberOf(refused.json, 'detail')).to.match(/another sort, order or filter/);
      }
    }
  });
});
