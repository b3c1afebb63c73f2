import type { Build } from '../../projections/ports/builds.js';
import type { BuildSite, BuildSites } from '../../projections/ports/buildSite.js';
import type {
  Projection,
  ProjectionTransaction,
  RowMemory,
} from '../../projections/ports/projection.js';
import type { Database } from '../postgres/database.js';
import type { DeferredIndex } from './deferredIndexes.js';
import { SiteSession } from './siteSession.js';
import { serveBuild } from './swap.js';

/** The sites of rebuilds in a database. */
export const createBuildSites = (database: Database): BuildSites => ({
  open: async (projection, build) => {
    const session = await SiteSession.open(database, build.schema);
    try {
      // Whoever asks of the rows that are served meanwhile is not to notice.
      await session.stepBack();
      return new OpenSite(session, projection, build, await begin(session, projection, build));
    } catch (error) {
      await session.close();
      throw error;
    }
  },
});

interface Begun {
  readonly checkpoint: bigint;
  readonly resumed: boolean;
}

/** Makes the schema, unless it is there with what was made of it. */
const begin = async (
  session: SiteSession,
  projection: Projection,
  build: Build,
): Promise<Begun> => {
  const [row] = await session.query<{ checkpoint: bigint; indexes: DeferredIndex[] | null }>({
    text: 'select checkpoint, indexes from projections.builds where id = $1 for update',
    values: [build.id],
  });
  const checkpoint = row?.checkpoint ?? 0n;
  // What is served, or was, was not begun here.
  const resumed = checkpoint > 0n || build.rollsBack;
  if (resumed) {
    session.defer(row?.indexes ?? []);
  } else {
    const deferred = await session.makeTables(projection);
    await session.query({
      text: `update projections.builds set indexes = $2, started_at = coalesce(started_at, now())
             where id = $1`,
      values: [build.id, JSON.stringify(deferred)],
    });
  }
  await session.commit();
  return { checkpoint, resumed };
};

class OpenSite implements BuildSite {
  readonly projection: Projection;
  readonly build: Build;
  readonly resumed: boolean;
  readonly #session: SiteSession;
  #checkpoint: bigint;

  constructor(session: SiteSession, projection: Projection, build: Build, begun: Begun) {
    this.#session = session;
    this.projection = projection;
    this.build = build;
    this.#checkpoint = begun.checkpoint;
    this.resumed = begun.resumed;
  }

  get checkpoint(): bigint {
    return this.#checkpoint;
  }

  inTransaction<T>(
    work: (tx: ProjectionTransaction) => Promise<T>,
    memory?: RowMemory,
  ): Promise<T> {
    return this.#session.inTransaction(work, memory);
  }

  async commit(position: bigint): Promise<void> {
    await this.#session.begin();
    await this.#session.query({
      text: 'update projections.builds set checkpoint = $2 where id = $1',
      values: [this.build.id, position],
    });
    await this.#session.commit();
    this.#checkpoint = position;
  }

  async makeIndexes(): Promise<void> {
    await this.#session.begin();
    await this.#session.makeIndexes('all');
    await this.commit(this.#checkpoint);
  }

  async serve(catchUp: Parameters<BuildSite['serve']>[0]): Promise<bigint> {
    await this.#session.begin();
    const position = await serveBuild(this.#session, this, catchUp);
    await this.#session.commit();
    this.#checkpoint = position;
    return position;
  }

  close(): Promise<void> {
    return this.#session.close();
  }
}
