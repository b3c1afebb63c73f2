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
  /** The keys and indexes to be made, of tables that were just made: to be noted with the first rows. */
  readonly made?: readonly DeferredIndex[];
}

/**
 * Makes the schema, unless it is there with what was made of it, in the transaction that its first rows are
 * committed in: where the log before writing is minimal, as on the embedded server, PostgreSQL then writes them
 * once (PostgreSQL's manual, "Populating a Database").
 */
const begin = async (
  session: SiteSession,
  projection: Projection,
  build: Build,
): Promise<Begun> => {
  const [row] = await session.query<{ checkpoint: bigint; indexes: DeferredIndex[] | null }>({
    text: 'select checkpoint, indexes from projections.builds where id = $1',
    values: [build.id],
  });
  const checkpoint = row?.checkpoint ?? 0n;
  // What is served, or was, was not begun here.
  if (checkpoint === 0n && !build.rollsBack) {
    return { checkpoint, made: await session.makeTables(projection) };
  }
  session.defer(row?.indexes ?? []);
  await session.commit();
  return { checkpoint };
};

class OpenSite implements BuildSite {
  readonly projection: Projection;
  readonly build: Build;
  readonly resumed: boolean;
  readonly #session: SiteSession;
  #checkpoint: bigint;
  /** Not noted as yet. */
  #made: readonly DeferredIndex[] | undefined;

  constructor(session: SiteSession, projection: Projection, build: Build, begun: Begun) {
    this.#session = session;
    this.projection = projection;
    this.build = build;
    this.#checkpoint = begun.checkpoint;
    this.#made = begun.made;
    this.resumed = begun.made === undefined;
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
      text: `update projections.builds
             set checkpoint = $2, indexes = coalesce($3::json, indexes) where id = $1`,
      values: [this.build.id, position, this.#made ? JSON.stringify(this.#made) : null],
    });
    await this.#session.commit();
    this.#made = undefined;
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
