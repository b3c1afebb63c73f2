import { expect } from 'chai';
import { ProviderFailure } from '../../../src/commands/ports/movieProvider.js';
import { MovieDetails } from '../../../src/domain/movie/events.js';
import { validator } from '../../../src/domain/validation.js';
import { createRadarr, radarrProvider } from '../../../src/infra/metadata/radarr/radarr.js';
import { detailsOf, keptFilmOf } from '../../../src/infra/metadata/radarr/radarrMovie.js';
import { radarrNotice } from '../../../src/infra/metadata/radarr/radarrWebhook.js';
import { createOutgoing, type Outgoing } from '../../../src/infra/outgoing/outgoing.js';
import {
  hasRecordedRadarr,
  recordedFilms,
  recordedWebhook,
  startRadarrDouble,
  type RadarrDouble,
} from '../../support/providers/radarrDouble.js';
import { needs } from '../../support/run/datasets.js';
import { testLogger } from '../../support/run/logger.js';

const check = validator(MovieDetails);

describe('Radarr', () => {
  let server: RadarrDouble;
  let outgoing: Outgoing | undefined;
  const { signal } = new AbortController();

  before(async function () {
    needs(this, hasRecordedRadarr(), 'recorded answers of Radarr');
    server = await startRadarrDouble();
  });
  beforeEach(() => {
    const { letHimGo, frozen } = recordedFilms();
    server.library = [letHimGo, frozen];
    server.found = [{ title: 'Frozen', year: 2013, tmdbId: 109445, imdbId: 'tt2294629' }];
  });
  afterEach(async () => {
    server.always(undefined);
    server.marked = false;
    await outgoing?.close();
    expect(server.wrong).to.deep.equal([]);
  });
  after(async () => {
    await server.close();
  });

  const radarr = ({
    key = server.key,
    about = 'films',
  }: { readonly key?: string; readonly about?: 'films' | 'library' } = {}) => {
    const provider = radarrProvider({ key, baseUrl: `${server.url}/` }, about);
    outgoing = createOutgoing({ ...provider, firstRetryMs: 1 }, { logger: testLogger });
    return createRadarr(outgoing, { country: 'US' });
  };
  const failureOf = async (asked: Promise<unknown>): Promise<ProviderFailure> => {
    const error: unknown = await asked.catch((cause: unknown) => cause);
    if (error instanceof ProviderFailure) return error;
    throw new Error('it did not fail', { cause: error });
  };

  it('tells what it knows of a film that its library has', async () => {
    const details = await radarr().getMovieMetadata(596161, signal);
    expect(check(details)).to.have.property('ok', true);
    expect(details).to.deep.include({
      title: 'Let Him Go',
      alternativeTitles: ["L'un des notres", 'Відпусти його'],
      releaseDate: '2020-11-05',
      year: 2020,
      runtimeMinutes: 114,
      communityRating: 6.816,
      voteCount: 610,
      criticRating: 85,
      originalLanguage: 'en',
      status: 'Released',
      genres: ['Drama', 'Thriller', 'Crime'],
      studios: ['The Mazur Kaplan Company'],
      posterPath: '/EsLZoT8oHhQlGd1QpdbnvnwTzO.jpg',
      backdropPath: '/ZLD4pjmMLt9I3t1a7SFJBekIh1.jpg',
      tmdbId: 596161,
      imdbId: 'tt9340860',
    });
    const { alternativeTitles = [] } = (await radarr().getMovieMetadata(330457, signal)) ?? {};
    expect(alternativeTitles).to.include.members([
      '冰雪奇緣 II',
      'فروزن ۲',
      'Nữ Hoàng Băng Giá II',
    ]);
  });

  it('does not tell of others', async () => {
    expect(await radarr().getMovieMetadata(109445, signal)).to.equal(undefined);
    expect(await radarr().searchMovies('frozen', { signal })).to.have.length(1);
    expect(await radarr().matchMovie({ title: 'Frozen', year: 2013 }, signal)).to.equal(undefined);
    const byImdb = { title: '?', imdbId: 'tt2294629' };
    expect(await radarr().matchMovie(byImdb, signal)).to.equal(undefined);
  });

  it('says which film is meant, and how sure that is', async () => {
    const byId = await radarr().matchMovie({ title: '?', imdbId: 'tt9340860' }, signal);
    expect(byId).to.have.property('confidence', 1);
    expect(byId?.film).to.include({ tmdbId: 596161, title: 'Let Him Go' });
    const byTitle = await radarr().matchMovie({ title: 'let him go', year: 2020 }, signal);
    expect(byTitle?.film.tmdbId).to.equal(596161);
    expect(await radarr().searchMovies('frozen', { year: 1999, signal })).to.deep.equal([]);
  });

  it('tells of its library with files, a byte order mark before it or not', async () => {
    server.marked = true;
    const { films, unreadable, fileIds } = await radarr({ about: 'library' }).films(signal);
    expect(unreadable).to.deep.equal([]);
    expect(films.map(({ details }) => details.tmdbId)).to.deep.equal([596161, 330457]);
    expect(films[0]?.file).to.deep.equal({
      path: '/data/media/movies/movies_hd/Let Him Go (2020) [tmdb-596161]/Let Him Go (2020) [tmdb-596161] - [WEBDL-1080p][AC3 5.1][x264]-EVO.mkv',
      relativePath: 'Let Him Go (2020) [tmdb-596161] - [WEBDL-1080p][AC3 5.1][x264]-EVO.mkv',
      container: 'mkv',
      sizeBytes: 4_017_177_923,
      quality: 'WEBDL-1080p',
      source: 'radarr',
      fileId: '19452',
    });
    expect(fileIds).to.include('19452');
  });

  it('says which entries of its library cannot be read, and has the others', async () => {
    server.library = [
      { id: 1, title: 'Untold', tmdbId: 0, movieFileId: 7 },
      { id: 2, title: ' ', tmdbId: 5 },
      null,
      ...server.library,
    ];
    const { films, unreadable, fileIds } = await radarr({ about: 'library' }).films(signal);
    expect(films).to.have.length(2);
    expect(unreadable).to.deep.equal([
      { entry: "Untold (Radarr's 1)", why: 'it has no id of TMDb' },
      { entry: "without a title (Radarr's 2)", why: 'it has no title' },
      { entry: 'null', why: 'it is no film' },
    ]);
    expect(fileIds).to.include('7');
  });

  for (const [fault, expected] of [
    ['cut', 'unavailable'],
    [{ status: 503 }, 'unavailable'],
    ['no-json', 'malformed'],
    [{ status: 404 }, 'malformed'],
  ] as const) {
    it(`has no library to tell of at ${JSON.stringify(fault)}`, async () => {
      server.always(fault);
      const failure = await failureOf(radarr({ about: 'library' }).films(signal));
      expect(failure.fault).to.equal(expected);
    });
  }

  it('says so when it refuses the key', async () => {
    const failure = await failureOf(radarr({ key: 'wrong' }).getMovieMetadata(1, signal));
    expect(failure.fault).to.equal('key-refused');
    expect(failure.message).to.not.include('wrong');
  });
});

describe('A film as Radarr has it', () => {
  it('keeps what is sound beside what is not', () => {
    expect(
      detailsOf(
        {
          ...{ title: 'Odd', originalTitle: null, overview: '', year: 0, runtime: -3, tmdbId: 7 },
          ...{ inCinemas: '0001-01-01T00:00:00Z', certification: 'Sure', imdbId: '5678' },
          originalLanguage: { id: -1, name: 'Portuguese (Brazil)' },
          ratings: { tmdb: { votes: 0, value: 5 }, metacritic: { value: 61 } },
          images: [{ coverType: 'poster', remoteUrl: 'https://example.org/poster.jpg' }],
          genres: 'Drama',
          keywords: ['sea', null, 'sea'],
        },
        'US',
      ),
    ).to.deep.equal({
      ...{ title: 'Odd', tmdbId: 7, originalLanguage: 'pt', criticRating: 61, keywords: ['sea'] },
    });
  });

  it('has an age rating where it is one of the country, and comes out at home at last', () => {
    const movie = {
      ...{ title: 'Odd', certification: 'R' },
      ...{ physicalRelease: '2021-02-02T00:00:00Z', digitalRelease: '2020-11-24T00:00:00Z' },
    };
    expect(detailsOf(movie, 'US')).to.include({
      ...{ contentRating: 'R', ratingLevel: 17, releaseDate: '2020-11-24' },
    });
    expect(detailsOf(movie, 'DE')).to.not.have.any.keys('contentRating', 'ratingLevel');
  });

  for (const [folder, relativePath, path] of [
    ['C:\\Movies\\Heat (1995)', 'Heat.mkv', 'C:\\Movies\\Heat (1995)\\Heat.mkv'],
    ['D:\\', 'extras\\Heat.mkv', 'D:\\extras\\Heat.mkv'],
    ['\\\\nas\\films\\Heat', 'Heat.mkv', '\\\\nas\\films\\Heat\\Heat.mkv'],
    ['/films/Heat/', 'Heat.mkv', '/films/Heat/Heat.mkv'],
    ['/films/He\\at', 'Heat.mkv', '/films/He\\at/Heat.mkv'],
  ] as const) {
    it(`has its file at ${path}`, () => {
      const movie = { title: 'Heat', tmdbId: 949, path: folder, movieFile: { relativePath } };
      expect(keptFilmOf(movie, 'US')).to.have.nested.property('film.file.path', path);
    });
  }

  it('has none where the path could not be kept', () => {
    const movieFile = { path: `/films/${'x'.repeat(5_000)}.mkv` };
    const kept = keptFilmOf({ title: 'Heat', tmdbId: 949, movieFile }, 'US');
    expect(kept).to.have.property('film').that.does.not.have.property('file');
  });
});

describe('A webhook of Radarr', () => {
  before(function () {
    needs(this, hasRecordedRadarr(), 'recorded webhooks of Radarr');
  });

  const noticeOf = (body: unknown) => {
    const read = radarrNotice(body);
    if (!read.ok) throw new Error(JSON.stringify(read.errors));
    return read.value;
  };

  it('tells of a film that was added', () => {
    expect(noticeOf(recordedWebhook('movie-added'))).to.deep.equal({
      kind: 'added',
      film: {
        ...{ title: 'Batman v Superman: Dawn of Justice', tmdbId: 209112, imdbId: 'tt2975590' },
      },
    });
  });

  it('tells of a file where it is, not where it was downloaded to', () => {
    const notice = noticeOf(recordedWebhook('download-upgrade'));
    expect(notice).to.deep.include({ kind: 'file', renamed: false });
    expect(notice).to.have.nested.include({
      'film.tmdbId': 524047,
      'file.path':
        '/home36/adbtech/media/Movies/Greenland (2020)/Greenland (2020) WEBRip-1080p.mkv',
      'file.quality': 'WEBRip-1080p',
      'file.sizeBytes': 2_320_560_747,
      'file.fileId': '29',
    });
  });

  it('tells of a file with another name, where it says which', () => {
    const rename = recordedWebhook('rename');
    expect(noticeOf(rename)).to.have.property('kind', 'nothing');
    const renamedMovieFiles = [{ id: 29, relativePath: 'M & M.mkv', previousPath: '/old.mkv' }];
    expect(noticeOf({ ...rename, renamedMovieFiles })).to.have.nested.include({
      ...{ kind: 'file', renamed: true },
      'file.path': '/home36/adbtech/media/Movies/Marley & Me (2008)/M & M.mkv',
    });
  });

  it('tells of what is gone, but not of what a better file takes the place of', () => {
    const gone = recordedWebhook('movie-file-delete');
    expect(noticeOf(gone)).to.deep.equal({ kind: 'file-gone', tmdbId: 14306, fileId: '36664' });
    expect(noticeOf({ ...gone, deleteReason: 'upgrade' })).to.have.property('kind', 'nothing');
    expect(noticeOf(recordedWebhook('movie-delete'))).to.deep.equal({
      ...{ kind: 'film-gone', tmdbId: 209112 },
    });
  });

  it('is otherwise about nothing here, be it of a kind that nobody knows yet', () => {
    const names = ['test', 'grab', 'health-error', 'health-warning', 'application-update'];
    const bodies = [
      ...names.map(recordedWebhook),
      ...['HealthRestored', 'ManualInteractionRequired', 'toString'].map((eventType) => ({
        eventType,
      })),
    ];
    for (const body of bodies) {
      expect(noticeOf(body), JSON.stringify(body)).to.have.property('kind', 'nothing');
    }
  });

  it('has to say what it is about', () => {
    const added = recordedWebhook('movie-added');
    for (const [field, body] of [
      ['', null],
      ['eventType', {}],
      ['eventType', { eventType: 5 }],
      ['movie', { eventType: 'MovieAdded' }],
      ['movie.tmdbId', { ...added, movie: { title: 'Heat' } }],
      ['movie.tmdbId', { ...added, movie: { title: 'Heat', tmdbId: '949' } }],
      ['movie.title', { ...added, movie: { tmdbId: 949 } }],
      ['movieFile', { ...added, eventType: 'Download' }],
      ['movieFile', { ...added, eventType: 'Download', movieFile: 'Heat.mkv' }],
    ] as const) {
      const read = radarrNotice(body);
      expect(read.ok ? 'taken' : read.errors[0]?.field, JSON.stringify(body)).to.equal(field);
    }
  });
});
