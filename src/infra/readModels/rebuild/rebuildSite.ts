import type { Rebuild } from '../../../projections/ports/rebuildStore.js';
import type { RebuildSite, RebuildSites } from '../../../projections/ports/rebuildSite.js';
import type { Projection } from '../../../projections/ports/projection.js';
import type { Database } from '../../postgres/database.js';
import { beginSite, NotedSite, type Begun, type SiteNote, type SiteNotes } from './filledSite.js';
import { serveRebuild } from './swap.js';

/** The sites of rebuilds in a database. */
export const createRebuildSites = (database: Database): RebuildSites => ({
  open: async (projection, rebuild) => {
    const notes = notesOf(rebuild);
    const { schema, rollsBack } = rebuild;
    // What is served, or was, was not begun here.
    const begun = await beginSite(database, projection, { schema, notes, isThere: rollsBack });
    return new OpenSite(projection, begun, { notes, rebuild });
  },
});

interface NoteRow extends Pick<SiteNote, 'checkpoint' | 'indexes'> {
  readonly until: bigint | null;
  readonly last: string | null;
}

const notesOf = ({ id }: Rebuild): SiteNotes => ({
  read: async (tx) => {
    const [row] = await tx.query<NoteRow>({
      text: `select checkpoint, indexes, owners_until as until, last_owner as last
             from projections.builds where id = $1`,
      values: [id],
    });
    const { checkpoint = 0n, indexes = null, until = null, last = null } = row ?? {};
    const owners = until === null || last === null ? {} : { owners: { until, last } };
    return { checkpoint, indexes, ...owners };
  },
  write: async (tx, { checkpoint, owners, indexes }) => {
    await tx.query({
      text: `update projections.builds
             set checkpoint = $2, owners_until = $3, last_owner = $4, indexes = coalesce($5::json, indexes)
             where id = $1`,
      values: [
        ...[id, checkpoint, owners?.until ?? null, owners?.last ?? null],
        indexes ? JSON.stringify(indexes) : null,
      ],
    });
  },
});

class OpenSite extends NotedSite implements RebuildSite {
  readonly rebuild: Rebuild;

  constructor(
    projection: Projection,
    begun: Begun,
    { notes, rebuild }: { readonly notes: SiteNotes; readonly rebuild: Rebuild },
  ) {
    super(projection, begun, notes);
    this.rebuild = rebuild;
  }

  async makeIndexes(): Promise<void> {
    await this.session.begin();
    await this.session.makeIndexes('all');
    await this.commit(this.place);
  }

  async serve(catchUp: Parameters<RebuildSite['serve']>[0]): Promise<bigint> {
    await this.session.begin();
    const position = await serveRebuild(this.session, this, catchUp);
    await this.session.commit();
    this.committed(position);
    return position;
  }
}
