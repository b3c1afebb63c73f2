import { expect } from 'chai';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UsageError } from '../../../../../src/infra/cli/exitCodes.js';
import { readSamples, samplesFolder } from '../../../../../src/infra/cli/import/samples/files.js';

const film = { title: 'Metropolis', releaseDate: '1927-01-10', tmdbId: 19 };
const person = {
  ...{ displayName: 'Ada', timezone: 'Europe/Berlin' },
  ...{ plays: [], opinions: [], favorites: [], watchlist: [] },
};
const rated = { film: 'Metropolis', rating: 8 };

/** What is wrong, in which file, and the field that the message must name. */
const mistakes: readonly {
  readonly what: string;
  readonly movies?: unknown;
  readonly people?: unknown;
  readonly told: string;
}[] = [
  { what: 'no list of films', movies: {}, told: 'movies.json: must be a list' },
  { what: 'no film at all', movies: [], told: 'movies.json: must have at least 1 entry' },
  {
    what: 'a running time in words',
    movies: [film, { ...film, title: 'M', runtimeMinutes: '111 minutes' }],
    told: 'movies.json: 1.runtimeMinutes must be a whole number',
  },
  {
    what: 'a field that films do not have',
    movies: [{ ...film, director: 'Fritz Lang' }],
    told: 'movies.json: 0.director is not a known field',
  },
  {
    what: 'a cast without names',
    movies: [{ ...film, cast: [{ character: 'Maria' }] }],
    told: 'movies.json: 0.cast.0.name is required',
  },
  { what: 'one title twice', movies: [film, film], told: 'movies.json: 1.title: "Metropolis" is' },
  { what: 'nobody', people: [], told: 'people.json: must have at least 1 entry' },
  {
    what: 'a zone that is none',
    people: [{ ...person, timezone: 'CET+1' }],
    told: 'people.json: 0.timezone must be an IANA time zone name',
  },
  {
    what: 'two people of one name',
    people: [person, person],
    told: 'people.json: 1.displayName: "Ada" is there already',
  },
  {
    what: 'a day that no calendar has',
    people: [{ ...person, plays: [{ film: 'Metropolis', watched: '2022-02-30' }] }],
    told: 'people.json: 0.plays.0.watched must be a time such as 2026-11-20T20:30:00+01:00 or a date',
  },
  {
    what: 'a moment without an offset',
    people: [{ ...person, plays: [{ film: 'Metropolis', watched: '2022-02-13T11:00:00' }] }],
    told: 'people.json: 0.plays.0.watched must be a time such as 2026-11-20T20:30:00+01:00 or a date',
  },
  {
    what: 'a rating of eleven',
    people: [{ ...person, opinions: [{ ...rated, rating: 11 }] }],
    told: 'people.json: 0.opinions.0.rating must be at most 10',
  },
  {
    what: 'a film rated twice',
    people: [{ ...person, opinions: [rated, { ...rated, rating: 9 }] }],
    told: 'people.json: 0.opinions.1.film: "Metropolis" is there already',
  },
  {
    what: 'a play of a film that is not there',
    people: [person, { ...person, displayName: 'Bea', plays: [{ film: 'Metropolitan' }] }],
    told: 'people.json: 1.plays.0.film: no film is called "Metropolitan"',
  },
  {
    what: 'a favourite that is not there',
    people: [{ ...person, favorites: ['Metropolis', 'M'] }],
    told: 'people.json: 0.favorites.1: no film is called "M"',
  },
  {
    what: 'a state that can only follow from plays',
    people: [{ ...person, watchlist: [{ film: 'Metropolis', state: 'watched' }] }],
    told: 'people.json: 0.watchlist.0.state must be one of dropped, on_hold',
  },
];

describe('The files of the samples', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'reellog-samples-'));
  });

  afterEach(async () => {
    await rm(folder, { recursive: true });
  });

  /** Writes both files; text as it is, anything else as JSON. */
  const write = async (movies: unknown, people: unknown): Promise<void> => {
    for (const [name, content] of Object.entries({ movies, people })) {
      const text = typeof content === 'string' ? content : JSON.stringify(content);
      await writeFile(join(folder, `${name}.json`), text);
    }
  };

  const refused = async (): Promise<string> => {
    const error: unknown = await readSamples(folder).then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (!(error instanceof UsageError)) throw new Error('the files were taken as they are');
    return error.message;
  };

  it('are taken when they say no more than they must', async () => {
    await write([{ title: 'Metropolis' }], [person]);
    expect(await readSamples(folder)).to.deep.equal({
      films: [{ title: 'Metropolis' }],
      people: [person],
    });
  });

  it('are named when they are missing or not JSON', async () => {
    expect(await refused()).to.include(`${join(folder, 'movies.json')} cannot be read: ENOENT`);
    await write([film], '[{ "displayName": "Ada", }]');
    expect(await refused()).to.include(`${join(folder, 'people.json')} cannot be read: `);
  });

  for (const { what, movies = [film], people = [person], told } of mistakes) {
    it(`are refused with ${what}, by file and field`, async () => {
      await write(movies, people);
      expect(await refused()).to.include(told);
    });
  }

  it('come with Reellog: at least 60 films and two people in different zones', async () => {
    const { films, people } = await readSamples(samplesFolder);
    expect(films.length).to.be.at.least(60);
    expect(new Set(people.map(({ timezone }) => timezone))).to.have.property('size', people.length);
    expect(people.length).to.be.at.least(2);
    const decades = new Set(films.map(({ releaseDate = '' }) => releaseDate.slice(0, 3)));
    expect([...decades].sort()).to.deep.equal([
      '192',
      '193',
      '194',
      '195',
      '196',
      '197',
      '198',
      '199',
      '200',
      '201',
      '202',
    ]);
    expect(new Set(films.flatMap(({ countries = [] }) => countries)).size).to.be.at.least(20);
  });

  it('know each film by two external ids that no other has, and tell who made it and about what', async () => {
    const { films } = await readSamples(samplesFolder);
    expect(new Set(films.map(({ tmdbId }) => tmdbId)).size).to.equal(films.length);
    expect(new Set(films.map(({ imdbId }) => imdbId)).size).to.equal(films.length);
    for (const told of films) {
      expect(told, told.title).to.include.keys(
        ...['tmdbId', 'imdbId', 'releaseDate', 'runtimeMinutes', 'overview'],
        ...['genres', 'countries', 'directors'],
      );
    }
  });

  it('tell the plays in the order of time, on the clocks of the person who watched', async () => {
    const { people } = await readSamples(samplesFolder);
    for (const { displayName, timezone, plays } of people) {
      const dated = plays.flatMap(({ watched }) => (watched === undefined ? [] : [watched]));
      expect(dated, displayName).to.deep.equal(dated.toSorted());
      for (const watched of dated.filter((text) => text.includes('T'))) {
        const format = { timeZone: timezone, hour12: false, timeStyle: 'short' } as const;
        const clock = new Intl.DateTimeFormat('en-GB', format).format(new Date(watched));
        expect(clock, `${displayName}, ${watched}`).to.equal(watched.slice(11, 16));
      }
    }
  });
});
