import { expect } from 'chai';
import { pino } from 'pino';
import type { CommandData, CommandName } from '../../../../src/commands/command.js';
import { OWNER_ID } from '../../../../src/infra/auth/owner.js';
import { openReellog } from '../../../../src/infra/composition/service.js';
import { configFrom, type Config } from '../../../../src/infra/config/config.js';
import { copyLog, type CopySummary } from '../../../../src/infra/eventstore/copy/copyLog.js';
import { projections } from '../../../../src/projections/projections.js';
import { eventually } from '../../../support/run/eventually.js';
import { openHttpClient } from '../../../support/service/httpClient.js';
import { differencesOf, readModelRows } from '../../../support/readModels/readModelRows.js';
import { rebuild } from '../../../support/readModels/rebuilding.js';
import { numbered } from '../contract/log.js';
import {
  eventStoreDbSide,
  onceReadAgain,
  postgresSide,
  type EventStoreDbSide,
  type PostgresSide,
  type TestSide,
} from './sides.js';

const FILMS = 20;
const readModels = projections.map(({ name }) => name).sort();

/** A service as it is between a start and a stop. */
interface Service {
  readonly token: string | undefined;
  /** What it said about its log when it started. */
  readonly said: readonly Record<string, unknown>[];
  run<Name extends CommandName>(
    name: Name,
    data: CommandData<Name>,
    key?: string,
  ): Promise<{ readonly id: string; readonly position?: bigint }>;
  get(path: string, token: string): Promise<unknown>;
  caughtUp(): Promise<void>;
  /** What rebuilt read models have that these have not, or the other way round. */
  differencesOfRebuilt(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

const start = async (config: Partial<Config>): Promise<Service> => {
  const said: Record<string, unknown>[] = [];
  const write = (line: string) => said.push(JSON.parse(line) as Record<string, unknown>);
  const usual = { host: '127.0.0.1', port: 0, connections: 8, timezone: 'UTC', readLimit: 0 };
  const reellog = await openReellog(
    { ...configFrom({}), ...usual, ...config },
    { logger: pino({ level: 'info' }, { write }), rebuildIn: 'process' },
  );
  try {
    const line = said.filter((one) => 'kept' in one || 'rebuilt' in one);
    reellog.engine.start();
    const client = openHttpClient((await reellog.listen()).url);
    const caughtUp = () =>
      eventually('the read models have caught up', async () =>
        (await reellog.engine.status()).every(
          ({ lagEvents, worker }) => lagEvents === 0n && worker.state === 'live',
        ),
      );
    return {
      ...{ token: reellog.ownerToken, said: line, caughtUp },
      run: (name, data, key) =>
        reellog.execute({
          ...{ name, data, actor: { userId: OWNER_ID, role: 'owner' } },
          ...(key === undefined ? {} : { idempotencyKey: key }),
        }),
      get: async (path, token) => {
        const { status, json } = await client.send({ path: `/api/v1${path}`, token });
        return { status, json };
      },
      differencesOfRebuilt: async () => {
        const before = await readModelRows(reellog.database);
        await rebuild(
          { rebuilds: reellog.rebuilds, rebuilder: reellog.rebuilder },
          reellog.rebuilds.names,
        );
        await caughtUp();
        return differencesOf(['kept', before], ['rebuilt', await readModelRows(reellog.database)]);
      },
      stop: async () => {
        client.close();
        await reellog.close();
      },
    };
  } catch (error) {
    await reellog.close();
    throw error;
  }
};

const copy = (from: TestSide, to: TestSide): Promise<CopySummary> =>
  copyLog({
    ...{ source: from.source, target: to.target, dryRun: false },
    signal: new AbortController().signal,
  });

/** As a data set's rows would be imported: films, and what somebody watched, rated and wrote over two years. */
const live = async (service: Service): Promise<readonly string[]> => {
  const films = await Promise.all(
    Array.from({ length: FILMS }, async (_, nth) => {
      const { id } = await service.run('ImportMovie', {
        ...{ title: `Film ${nth}`, releaseDate: `${1930 + (nth % 90)}-03-01` },
        ...{ genres: [['Drama', 'Comedy'], ['Western'], ['Drama']][nth % 3] ?? [] },
        tmdbId: 1_000 + nth,
        runtimeMinutes: 70 + nth,
      });
      return id;
    }),
  );
  await Promise.all(
    films.map(async (movieId, nth) => {
      for (let time = 0; time <= nth % 4; time += 1) {
        const at = new Date(Date.UTC(2024, time * 5, 1 + nth, 20, 15)).toISOString();
        await service.run('RecordWatchEvent', { movieId, watched: { at } });
      }
      await service.run('RateMovie', { movieId, rating: 1 + (nth % 10) });
      if (nth % 3 === 0) await service.run('WriteReview', { movieId, review: `Secret ${nth}` });
      if (nth % 5 === 0) await service.run('AddToFavorites', { movieId });
    }),
  );
  return films;
};

/** Midnight may come between two answers. */
const withoutToday = (answer: unknown): unknown =>
  typeof answer === 'object' && answer !== null && 'today' in answer
    ? { ...answer, today: undefined }
    : answer;

/** Everything that can be asked. */
const answersOf = async (
  service: Service,
  films: readonly string[],
  token: string,
): Promise<Readonly<Record<string, unknown>>> => {
  await service.caughtUp();
  const paths = [
    ...['/movies?limit=100', '/movies?q=film%2011', '/genres', '/libraries'],
    ...['', '/history?limit=100', '/watchlist', '/favorites', '/ratings?limit=100'].map(
      (path) => `/me${path}`,
    ),
    ...['stats', 'stats?year=2024', 'streaks', 'achievements'].map((path) => `/me/${path}`),
    ...films
      .slice(0, 10)
      .flatMap((id) =>
        ['', '/ratings', '/state', '/watches'].map((path) => `/movies/${id}${path}`),
      ),
  ];
  const answers = await Promise.all(
    paths.map(async (path) => [path, withoutToday(await service.get(path, token))] as const),
  );
  return Object.fromEntries(answers);
};

describe('A service whose log was moved', () => {
  /** After the life of the service of before, which each test moves a copy of. */
  let lived: PostgresSide;
  let home: PostgresSide;
  let cluster: EventStoreDbSide;
  let films: readonly string[];
  let token: string;
  let answered: Readonly<Record<string, unknown>>;

  const running: Service[] = [];
  const started = async (config: Partial<Config>): Promise<Service> => {
    const service = await start(config);
    running.push(service);
    return service;
  };
  const stopAll = async (): Promise<void> => {
    for (const service of running.splice(0)) await service.stop();
  };
  const atHome = () => ({ databaseUrl: home.fresh.connectionString });
  const inCluster = () => ({
    ...atHome(),
    eventStoreUrl: cluster.double.connectionString,
  });
  /** The service writes its read models' keeper down itself where the copy has none. */
  const withKeeper = (side: EventStoreDbSide, keeper: PostgresSide): TestSide => ({
    ...side,
    source: { ...side.source, keeper: keeper.fresh.database },
    target: { ...side.target, keeper: keeper.fresh.database },
  });

  before(async () => {
    home = lived = await postgresSide();
    const service = await started(atHome());
    token = service.token ?? '';
    films = await live(service);
    answered = await answersOf(service, films, token);
    expect(answered['/me']).to.include({ status: 200 });
    await stopAll();
  });
  after(() => lived.remove());

  beforeEach(async () => {
    home = await postgresSide(lived);
    cluster = await eventStoreDbSide();
  });
  afterEach(async () => {
    await stopAll();
    await cluster.remove();
    await home.remove();
  });

  it('to EventStoreDB and back answers as before, from read models that stay in place', async () => {
    const there = await copy(home, withKeeper(cluster, home));
    expect(there.verified?.keptReadModels).to.deep.equal(readModels);

    const moved = await started(inCluster());
    expect(moved.said).to.have.length(1);
    expect(moved.said[0]).to.deep.include({ kept: readModels });
    expect(await answersOf(moved, films, token)).to.deep.equal(answered);

    const movieId = films[7] ?? '';
    const watched = { at: '2026-01-05T20:00:00Z' };
    await moved.run('RecordWatchEvent', { movieId, watched, rating: 10 });
    await moved.run('WriteReview', { movieId, review: 'Secret, and new' });
    const since = await answersOf(moved, films, token);
    expect(since).to.not.deep.equal(answered);
    expect(await moved.differencesOfRebuilt()).to.deep.equal([]);
    await stopAll();

    const back = await copy(withKeeper(cluster, home), home);
    expect(back.already).to.equal(there.copied);
    expect(back.verified?.keptReadModels).to.deep.equal(readModels);
    const again = await started(atHome());
    expect(again.said[0]).to.deep.include({ kept: readModels });
    expect(await answersOf(again, films, token)).to.deep.equal(since);
    expect(await again.differencesOfRebuilt()).to.deep.equal([]);
  });

  it('to another database has its keys and tokens with it, and makes its read models anew', async () => {
    const other = await postgresSide();
    try {
      const { verified } = await copy(home, other);
      expect(verified?.keptReadModels).to.deep.equal([]);
      expect(verified?.beside).to.include({ personalKeys: 1, tokens: 1 });
      const service = await started({ databaseUrl: other.fresh.connectionString });
      // The owner has one: another would be nobody's.
      expect(service.token).to.equal(undefined);
      expect(await answersOf(service, films, token)).to.deep.equal(answered);
      expect(JSON.stringify(answered)).to.include('Secret 0');
    } finally {
      await stopAll();
      await other.remove();
    }
  });

  it('does not start with an empty log: whoever forgets to copy, or a setting, loses nothing', async () => {
    const outcome = await started(inCluster()).catch((error: unknown) => error);
    expect(outcome).to.have.property('name', 'LogNotMoved');
    expect(await cluster.store.headPosition()).to.equal(0n);
    const service = await started(atHome());
    expect(service.said).to.deep.equal([]);
    expect(await answersOf(service, films, token)).to.deep.equal(answered);
  });

  it('does not go back to the log that it left, unless what came since is copied there', async () => {
    await copy(home, withKeeper(cluster, home));
    const moved = await started(inCluster());
    await moved.caughtUp();
    await stopAll();
    const outcome = await started(atHome()).catch((error: unknown) => error);
    expect(outcome).to.have.property('name', 'LogNotMoved');
    await copy(withKeeper(cluster, home), home);
    const back = await started(atHome());
    expect(back.said[0]).to.deep.include({ kept: readModels });
  });

  it('does not start with half a copy, nor with one that the log of before has outgrown', async () => {
    const stopping = new AbortController();
    const { log, ...side } = withKeeper(cluster, home).target;
    const write: typeof log.write = async (events, ...rest) => {
      const half = await log.write(events.slice(0, events.length / 2), ...rest);
      stopping.abort(new Error('enough'));
      return half;
    };
    const work = copyLog({
      ...{ source: home.source, dryRun: false, signal: stopping.signal },
      target: { ...side, log: { ...log, write } },
    });
    expect(await work.catch((error: unknown) => error)).to.have.property('message', 'enough');
    const early = await started(inCluster()).catch((error: unknown) => error);
    expect(early).to.have.property('name', 'LogNotMoved');
    expect(early)
      .to.have.property('message')
      .that.matches(/is not complete/);

    const grow = () => home.store.append('movie-late', numbered(1), { expectedRevision: 'any' });
    const grown = await copyLog({
      ...{ source: home.source, dryRun: false, signal: new AbortController().signal },
      target: onceReadAgain({ ...side, log }, grow),
    });
    expect(grown.verified).to.include({ sourceWentOn: true });
    expect(await started(inCluster()).catch((error: unknown) => error)).to.have.property(
      ...(['name', 'LogNotMoved'] as const),
    );

    await copy(home, withKeeper(cluster, home));
    const service = await started(inCluster());
    expect(await answersOf(service, films, token)).to.deep.equal(answered);
  });

  it('by a copy that did not know of its read models makes them anew', async () => {
    const { verified } = await copy(home, cluster);
    expect(verified?.keptReadModels).to.deep.equal([]);
    const service = await started(inCluster());
    expect(service.said[0]).to.deep.include({ level: 40, rebuilt: readModels });
    expect(await answersOf(service, films, token)).to.deep.equal(answered);
  });

  it('has read models made anew that had gone on after the copy', async () => {
    await copy(home, withKeeper(cluster, home));
    const late = await started(atHome());
    await late.run('ImportMovie', { title: 'Too late' });
    await late.caughtUp();
    await stopAll();
    const service = await started(inCluster());
    expect(service.said[0]).to.deep.include({ level: 40, rebuilt: readModels });
    expect(await answersOf(service, films, token)).to.deep.equal(answered);
  });

  it('does not start beside one that runs with the log of before', async () => {
    const late = await started(atHome());
    await late.caughtUp();
    const outcome = await started(inCluster()).catch((error: unknown) => error);
    expect(outcome).to.have.property('name', 'OtherLogFollowed');
    expect(await answersOf(late, films, token)).to.deep.equal(answered);
  });

  it('gives the first answer to a command that is sent again, with a position that shows it', async () => {
    const first = await started(atHome());
    const film = { title: 'Once' };
    const { id } = await first.run('ImportMovie', film, 'import-once');
    await stopAll();
    await copy(home, withKeeper(cluster, home));
    const moved = await started(inCluster());
    const again = await moved.run('ImportMovie', film, 'import-once');
    expect(again.id).to.equal(id);
    expect(again.position).to.equal(await cluster.store.headPosition());
    const { events } = await cluster.store.readStream(`movie-${id}`);
    expect(events).to.have.length(1);
  });
});
