import type { Build } from '../../projections/ports/builds.js';
import type { Share } from '../../projections/ports/shares.js';
import type { Database, Queryable } from '../postgres/database.js';
import { dropFilled } from './filledSchemas.js';
import type { SiteNote, SiteNotes } from './filledSite.js';
import { quoted } from './schemas.js';
import type { SiteSession } from './siteSession.js';

/** The shares of a build beside the builder's own, the first first. */
export const sharesOf = async (
  tx: Queryable,
  { id, name }: Pick<Build, 'id' | 'name'>,
): Promise<readonly Share[]> => {
  const rows = await tx.query<Omit<Share, 'build' | 'name'>>({
    text: `select share as nth, shares as of, schema, target, checkpoint
           from projections.build_shares where build_id = $1 order by share`,
    values: [id],
  });
  return rows.map((row) => ({ build: id, name, ...row }));
};

/**
 * Divides a build of which nothing is committed, unless somebody else has a schema of a name that a share would get.
 * @returns its shares
 */
export const divideBuild = async (
  database: Database,
  build: Build,
  { of, target }: { readonly of: number; readonly target: bigint },
): Promise<readonly Share[]> => {
  await database.query({
    text: `
      with named as (
        select share, $2 || '_share' || share as schema from generate_series(1, $3::integer - 1) share
      )
      insert into projections.build_shares (build_id, share, shares, schema, target)
      select $1, share, $3, schema, $4 from named
      where exists (select from projections.builds where id = $1 and checkpoint = 0 and not rolls_back)
        and not exists (select from named join pg_namespace n on n.nspname = named.schema)`,
    values: [build.id, build.schema, of, target],
  });
  return sharesOf(database, build);
};

/** What is noted of a share with its rows: nothing any more when the build has ended or is whole. */
export const notesOfShare = ({ build, nth }: Share): SiteNotes => {
  const only = <Row>([row]: readonly Row[]): Row => {
    if (row === undefined)
      throw new Error(`there is no share ${nth} of the build ${build} any more`);
    return row;
  };
  return {
    read: async (tx) =>
      only(
        await tx.query<SiteNote>({
          text: `select checkpoint, indexes from projections.build_shares
                 where build_id = $1 and share = $2`,
          values: [build, nth],
        }),
      ),
    write: async (tx, { checkpoint, indexes }) => {
      only(
        await tx.query({
          text: `update projections.build_shares
                 set checkpoint = $3, indexes = coalesce($4::json, indexes)
                 where build_id = $1 and share = $2 returning share`,
          values: [build, nth, checkpoint, indexes ? JSON.stringify(indexes) : null],
        }),
      );
    },
  };
};

/**
 * Brings the rows of a build's shares into its tables, and drops what they were in: a thing that rows belong to is in
 * one share, so that none is there yet. They come in the order in which they were written, and what belongs together
 * still lies together.
 * @throws {Error} unless all shares are true at the position
 */
export const joinShares = async (
  session: SiteSession,
  build: Build,
  position: bigint,
): Promise<void> => {
  const shares = await sharesOf(session, build);
  const behind = shares.find((share) => share.checkpoint !== position);
  if (behind) {
    throw new Error(
      `share ${behind.nth} of ${build.name} is at ${behind.checkpoint}, not ${position}`,
    );
  }
  await session.dropKeys();
  for (const { schema } of shares) {
    for (const { table, columns } of await columnsOf(session, schema)) {
      await session.query({
        text: `insert into ${quoted(build.schema)}.${quoted(table)} (${columns})
               select ${columns} from ${quoted(schema)}.${quoted(table)}`,
      });
    }
  }
  await dropShares(session, build.id);
};

/** Drops the shares of a build and what they were in, within the open transaction. */
export const dropShares = async (tx: Queryable, build: bigint): Promise<void> => {
  const shares = await tx.query<Pick<Share, 'schema'>>({
    text: 'select schema from projections.build_shares where build_id = $1 order by share',
    values: [build],
  });
  for (const { schema } of shares) await dropFilled(tx, schema);
  await tx.query({
    text: 'delete from projections.build_shares where build_id = $1',
    values: [build],
  });
};

/** Of each table; what PostgreSQL numbers or reckons by itself it does anew. */
const columnsOf = (
  tx: Queryable,
  schema: string,
): Promise<readonly { readonly table: string; readonly columns: string }[]> =>
  tx.query({
    text: `select c.relname as table, string_agg(quote_ident(a.attname), ', ' order by a.attnum) as columns
           from pg_class c
           join pg_namespace n on n.oid = c.relnamespace
           join pg_attribute a on a.attrelid = c.oid
           where n.nspname = $1 and c.relkind = 'r' and a.attnum > 0 and not a.attisdropped
             and a.attidentity = '' and a.attgenerated = ''
           group by c.relname order by c.relname`,
    values: [schema],
  });
