import type { FilledSite, SitePlace } from '../../../projections/ports/rebuildSite.js';
import type {
  Projection,
  ProjectionTransaction,
  RowWriter,
} from '../../../projections/ports/projection.js';
import type { Database, Queryable } from '../../postgres/database.js';
import type { DeferredIndex } from './deferredIndexes.js';
import { SiteSession } from './siteSession.js';

/** What is noted of a site with its rows. */
export interface SiteNote extends SitePlace {
  /** The keys and indexes to be made; none where nothing is committed. */
  readonly indexes: readonly DeferredIndex[] | null;
}

/** Where that is kept. */
export interface SiteNotes {
  read(tx: Queryable): Promise<SiteNote>;
  /** @param indexes absent: as they are noted */
  write(
    tx: Queryable,
    note: SitePlace & { readonly indexes?: readonly DeferredIndex[] | undefined },
  ): Promise<void>;
}

/** A site that was opened. */
export interface Begun {
  readonly session: SiteSession;
  readonly place: SitePlace;
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
    await session.lowerPriority();
    const { indexes, ...place } = await notes.read(session);
    if (place.checkpoint === 0n && !place.owners && !isThere) {
      return { session, place, made: await session.makeTables(projection) };
    }
    session.defer(indexes ?? []);
    await session.commit();
    return { session, place };
  } catch (error) {
    await session.close();
    throw error;
  }
};

/** A site whose rows are committed with what is noted of them. */
export class NotedSite implements FilledSite {
  readonly projection: Projection;
  readonly rows: RowWriter;
  protected readonly session: SiteSession;
  readonly #notes: SiteNotes;
  #place: SitePlace;
  /** Not noted as yet. */
  #made: readonly DeferredIndex[] | undefined;

  constructor(projection: Projection, { session, place, made }: Begun, notes: SiteNotes) {
    this.session = session;
    this.rows = session.rows;
    this.projection = projection;
    this.#notes = notes;
    this.#place = place;
    this.#made = made;
  }

  get place(): SitePlace {
    return this.#place;
  }

  inTransaction<T>(work: (tx: ProjectionTransaction) => Promise<T>): Promise<T> {
    return this.session.inTransaction(work);
  }

  drain(): Promise<void> {
    return this.session.rows.drain();
  }

  async commit(place: SitePlace): Promise<void> {
    await this.session.rows.flush();
    await this.session.begin();
    await this.#notes.write(this.session, { ...place, indexes: this.#made });
    await this.session.commit();
    this.#made = undefined;
    this.#place = place;
  }

  close(): Promise<void> {
    return this.session.close();
  }

  protected committed(position: bigint): void {
    this.#place = { checkpoint: position };
  }
}
