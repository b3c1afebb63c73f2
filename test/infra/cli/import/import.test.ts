import { expect } from 'chai';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RecordedEvent } from '../../../../src/commands/ports/eventStore.js';
import { personIdOf } from '../../../../src/infra/cli/import/movielens/dataset.js';
import { startCli, type CliProcess, type CliResult } from '../../../support/service/cliProcess.js';
import { openCommandProcess } from '../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';

/** A dataset of MovieLens's form, in a folder. */
const writeDataset = async (
  folder: string,
  files: { readonly movies: string; readonly links: string; readonly ratings: string },
): Promise<string> => {
  await mkdir(folder);
  await writeFile(join(folder, 'movies.csv'), `movieId,title,genres\n${files.movies}`);
  await writeFile(join(folder, 'links.csv'), `movieId,imdbId,tmdbId\n${files.links}`);
  await writeFile(join(folder, 'ratings.csv'), `userId,movieId,rating,timestamp\n${files.ratings}`);
  return folder;
};

const SMALL = {
  movies: [
    '1,Toy Story (1995),Adventure|Animation',
    '2,"City of Lost Children, The (Cité des enfants perdus, La) (1995)",Fantasy',
    '3,Untitled,(no genres listed)',
    '4,,Drama',
  ].join('\n'),
  links: ['1,0114709,862', '2,0112682,', '3,,', '4,0000004,4'].join('\n'),
  ratings: [
    ...['1,1,4.0,964982703', '1,2,0.5,964982704', '2,1,5.0,964982705', '3,3,2.5,964982706'],
    // Rated with more stars than there are; a film that could not be imported; one there never was.
    ...['3,1,7.0,964982707', '3,4,3.0,964982708', '3,99,3.0,964982709'],
    // At no time that there could be.
    '3,2,3.0,99999999999999',
  ].join('\n'),
};

/** So many that an import can be told to stop in the middle. */
const LARGE = { films: 60, people: 40 };
const RATINGS = LARGE.films * LARGE.people;

describe('reellog import movielens', () => {
  let folder: string;
  let small: string;
  let large: string;
  let fresh: FreshDatabase;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reellog-import-'));
    small = await writeDataset(join(folder, 'small'), SMALL);
    const films = Array.from({ length: LARGE.films }, (_, nth) => nth + 1);
    const people = Array.from({ length: LARGE.people }, (_, nth) => nth + 1);
    large = await writeDataset(join(folder, 'large'), {
      movies: films.map((film) => `${film},Film ${film} (1999),Drama`).join('\n'),
      links: films.map((film) => `${film},${9_000_000 + film},${film}`).join('\n'),
      ratings: people
        .flatMap((person) =>
          films.map((film) => `${person},${film},3.5,${964_982_703 + film * 60}`),
        )
        .join('\n'),
    });
  });
  after(() => rm(folder, { recursive: true }));
  beforeEach(async () => {
    fresh = await freshDatabase();
  });
  afterEach(() => fresh.drop());

  const importing = (...args: readonly string[]): CliProcess =>
    startCli(['import', 'movielens', ...args], { DATABASE_URL: fresh.connectionString });

  const summaryOf = ({ code, stdout, stderr }: CliResult): unknown => {
    expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    return JSON.parse(stdout);
  };

  const log = async (): Promise<readonly RecordedEvent[]> => {
    const reader = await openCommandProcess(fresh.connectionString);
    try {
      return (await reader.eventStore.readAll({ after: 0n, maxCount: 100_000 })).events;
    } finally {
      await reader.close();
    }
  };

  /** How many plays the read model of statistics knows, of everybody. */
  const playsInStats = async (): Promise<unknown> => {
    const [row] = await fresh.database.query({
      text: `select sum(plays) as plays from stats.totals where period = 'all'`,
    });
    return row?.plays;
  };

  it('adds what it can, says what it refused and why, and adds nothing the second time', async () => {
    const refused = [
      {
        ...{ code: 'malformed', count: 2 },
        example: 'film 4 "": title must not be empty.',
      },
      { code: 'film-refused', count: 2, example: 'film 4' },
      { code: 'invalid-time', count: 1, example: 'person 3, film 2' },
    ];
    expect(summaryOf(await importing(small, '--json').ended)).to.deep.include({
      films: { added: 3, alreadyThere: 0, refused: 1 },
      people: { added: 3, alreadyThere: 0, refused: 0 },
      ratings: { added: 4, alreadyThere: 0, refused: 4 },
      events: 14,
      refused,
    });
    const before = await log();
    const rated = before.filter(({ type }) => type === 'TitleRated');
    expect(rated.map(({ data }) => [data.userId, data.rating])).to.have.deep.members([
      [personIdOf(1), 8],
      [personIdOf(1), 1],
      [personIdOf(2), 10],
      [personIdOf(3), 5],
    ]);
    expect(await playsInStats(), 'the read models are included').to.equal(4n);

    const again = await importing(small).ended;
    expect(again).to.deep.include({ code: 0, stderr: '' });
    expect(again.stdout.split('\n').slice(0, 6)).to.deep.equal([
      'Films            0 added         3 already there      1 refused',
      'People           0 added         3 already there      0 refused',
      'Ratings          0 added         4 already there      4 refused',
      ...refused.map(
        ({ code, count, example }) => `  refused ${count} × ${code}, such as ${example}`,
      ),
    ]);
    expect(await log()).to.deep.equal(before);
  });

  /** Every rating that is there has its watch before it; nothing is there twice. @returns how many */
  const wholeRatings = (events: readonly RecordedEvent[]): number => {
    expect(events.map(({ position }) => position)).to.deep.equal(
      events.map((_, nth) => BigInt(nth + 1)),
      'positions without a gap',
    );
    const viewing = events.filter(({ stream }) => stream.startsWith('viewing-'));
    const types = new Map<string, string>();
    for (const { stream, type } of viewing) types.set(stream, (types.get(stream) ?? '') + type);
    expect(new Set(types.values())).to.deep.equal(new Set(['MovieWatchedTitleRated']));
    return types.size;
  };

  it('leaves a log that is whole when it is interrupted, and completes it the next time', async () => {
    const first = importing(large, '--json');
    await eventually('it is under way', async () => {
      const [row] = await fresh.database.query<{ rated: boolean }>({
        text: `select exists (select from log.events where type = 'TitleRated') as rated`,
      });
      return row?.rated === true;
    });
    const interrupted = await first.end('SIGINT');
    expect(interrupted).to.deep.include({ code: 130, signal: null, stdout: '' });
    expect(interrupted.stderr).to.equal('Interrupted. Importing again goes on where this ended.\n');
    const done = wholeRatings(await log());
    expect(done).to.be.above(0).and.below(RATINGS);

    expect(summaryOf(await importing(large, '--json').ended)).to.deep.include({
      films: { added: 0, alreadyThere: LARGE.films, refused: 0 },
      people: { added: 0, alreadyThere: LARGE.people, refused: 0 },
      ratings: { added: RATINGS - done, alreadyThere: done, refused: 0 },
      events: 2 * (RATINGS - done),
      refused: [],
    });
    expect(wholeRatings(await log())).to.equal(RATINGS);
    expect(await playsInStats()).to.equal(BigInt(RATINGS));
  });
});
