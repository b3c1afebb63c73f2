import type { Build } from '../../projections/ports/builds.js';
import type { BuildSite, BuildSites } from '../../projections/ports/buildSite.js';
import type { Projection } from '../../projections/ports/projection.js';
import type { Database } from '../postgres/database.js';
import { divideBuild, joinShares, notesOfShare, sharesOf } from './buildShares.js';
import { beginSite, NotedSite, type Begun, type SiteNote, type SiteNotes } from './filledSite.js';
import { serveBuild } from './swap.js';

/** The sites of rebuilds in a database. */
export const createBuildSites = (database: Database): BuildSites => ({
  open: async (projection, build) => {
    const notes = notesOf(build);
    const { schema, rollsBack } = build;
    // What is served, or was, was not begun here.
    const begun = await beginSite(database, projection, { schema, notes, isThere: rollsBack });
    return new OpenSite(projection, begun, { notes, build });
  },
  shares: (build) => sharesOf(database, build),
  divide: (build, into) => divideBuild(database, build, into),
  openShare: async (projection, share) => {
    const notes = notesOfShare(share);
    const { schema } = share;
    const begun = await beginSite(database, projection, { schema, notes, isThere: false });
    return new NotedSite(projection, begun, notes);
  },
});

const notesOf = ({ id }: Build): SiteNotes => ({
  read: async (tx) => {
    const [row] = await tx.query<SiteNote>({
      text: 'select checkpoint, indexes from projections.builds where id = $1',
      values: [id],
    });
    return row ?? { checkpoint: 0n, indexes: null };
  },
  write: async (tx, { checkpoint, indexes }) => {
    await tx.query({
      text: `update projections.builds
             set checkpoint = $2, indexes = coalesce($3::json, indexes) where id = $1`,
      values: [id, checkpoint, indexes ? JSON.stringify(indexes) : null],
    });
  },
});

class OpenSite extends NotedSite implements BuildSite {
  readonly build: Build;

  constructor(
    projection: Projection,
    begun: Begun,
    { notes, build }: { readonly notes: SiteNotes; readonly build: Build },
  ) {
    super(projection, begun, notes);
    this.build = build;
  }

  async join(position: bigint): Promise<void> {
    await this.session.begin();
    await joinShares(this.session, this.build, position);
  }

  async makeIndexes(): Promise<void> {
    await this.session.begin();
    await this.session.makeIndexes('all');
    await this.commit(this.checkpoint);
  }

  async serve(catchUp: Parameters<BuildSite['serve']>[0]): Promise<bigint> {
    await this.session.begin();
    const position = await serveBuild(this.session, this, catchUp);
    await this.session.commit();
    this.committed(position);
    return position;
  }
}
