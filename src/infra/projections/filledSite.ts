import type { FilledSite } from '../../projections/ports/buildSite.js';
import type {
  Projection,
  ProjectionTransaction,
  RowMemory,
} from '../../projections/ports/projection.js';
import type { Database, Queryable } from '../postgres/database.js';
import type { DeferredIndex } from './deferredIndexes.js';
import { SiteSession } from './siteSession.js';

/** What is noted of a site with its rows. */
export interface SiteNote {
  readonly checkpoint: bigint;
  /** The keys and indexes to be made; none where nothing is committed. */
  readonly indexes: readonly DeferredIndex[] | null;
}

/** Where that is kept. */
export interface SiteNotes {
  read(tx: Queryable): Promise<SiteNote>;
  /** @param indexes absent: as they are noted */
  write(
    tx: Queryable,
    note: { readonly checkpoint: bigint; readonly indexes?: readonly DeferredIndex[] | undefined },
  ): Promise<void>;
}

/** A site that was opened. */
export interface Begun {
  readonly session: SiteSession;
  readonly checkpoint: bigint;
  /** The keys and indexes to be made, of tables that were just made: to be noted with the first rows. */
  readonly made?: readonly DeferredIndex[];
}

/**
 * Makes the schema, unless it is there with what was made of it, in the transaction that its first rows are
 * committed in: where the log before writing is minimal, as on the embedded server, PostgreSQL then writes them
 * once (PostgreSQL's manual, "Populating a Database").
 */
export const beginSite = async (
  database: Database,
  projection: Projection,
  {
    schema,
    notes,
    isThere,
  }: {
    readonly schema: string;
    readonly notes: SiteNotes;
    /** It was not begun here, and has its rows. */
    readonly isThere: boolean;
  },
): Promise<Begun> => {
  const session = await SiteSession.open(database, schema);
  try {
    // Whoever asks of the rows that are served meanwhile is not to notice.
    await session.stepBack();
    const { checkpoint, indexes } = await notes.read(session);
    if (checkpoint === 0n && !isThere) {
      return { session, checkpoint, made: await session.makeTables(projection) };
    }
    session.defer(indexes ?? []);
    await session.commit();
    return { session, checkpoint };
  } catch (error) {
    await session.close();
    throw error;
  }
};

/** A site whose rows are committed with what is noted of them. */
export class NotedSite implements FilledSite {
  readonly projection: Projection;
  readonly resumed: boolean;
  protected readonly session: SiteSession;
  readonly #notes: SiteNotes;
  #checkpoint: bigint;
  /** Not noted as yet. */
  #made: readonly DeferredIndex[] | undefined;

  constructor(projection: Projection, { session, checkpoint, made }: Begun, notes: SiteNotes) {
    this.session = session;
    this.projection = projection;
    this.#notes = notes;
    this.#checkpoint = checkpoint;
    this.#made = made;
    this.resumed = made === undefined;
  }

  get checkpoint(): bigint {
    return this.#checkpoint;
  }

  inTransaction<T>(
    work: (tx: ProjectionTransaction) => Promise<T>,
    memory?: RowMemory,
  ): Promise<T> {
    return this.session.inTransaction(work, memory);
  }

  async commit(position: bigint): Promise<void> {
    await this.session.begin();
    await this.#notes.write(this.session, { checkpoint: position, indexes: this.#made });
    await this.session.commit();
    this.#made = undefined;
    this.committed(position);
  }

  close(): Promise<void> {
    return this.session.close();
  }

  protected committed(position: bigint): void {
    this.#checkpoint = position;
  }
}
