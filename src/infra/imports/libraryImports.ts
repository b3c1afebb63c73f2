import type { WorkAbout } from '../../commands/ports/workQueue.js';
import { QUEUE_SCHEMA } from '../jobs/queue/waitingWork.js';
import type { Connection, Database } from '../postgres/database.js';
import type { LibraryImport } from './importLibrary.js';

/** An import of a media manager's library that somebody asked for. */
export interface RequestedImport {
  readonly id: bigint;
  readonly source: string;
  /** `waiting`: to begin, or to be tried again. `lost`: its process died, and another import took its place. */
  readonly state: 'waiting' | 'running' | 'done' | 'failed' | 'lost';
  readonly libraryId?: string;
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly startedAt?: Date;
  readonly endedAt?: Date;
  /** Commands done, of those that there are to do. */
  readonly progress?: { readonly done: number; readonly total: number };
  readonly summary?: LibraryImportSummary;
  /** Why it failed, or waits to be tried again. */
  readonly error?: string;
}

/** What an import did, as it is kept. */
export type LibraryImportSummary = Omit<LibraryImport, 'position'>;

/** An import from this source is under way: there is one at a time. */
export class ImportUnderWay extends Error {
  override readonly name = 'ImportUnderWay';

  constructor(readonly id: bigint) {
    super(`An import is under way: see /api/v1/imports/${id}.`);
  }
}

/** No process has done background work in this database yet. */
export class NobodyImports extends Error {
  override readonly name = 'NobodyImports';
}

/** Imports as they are asked for and watched. */
export interface LibraryImports {
  /**
   * Puts an import in the queue; one that waits to be tried again is tried now.
   * @throws {ImportUnderWay} {NobodyImports}
   */
  request(wanted: {
    readonly source: string;
    readonly libraryId?: string | undefined;
    readonly requestedBy: string;
  }): Promise<RequestedImport>;
  find(id: bigint): Promise<RequestedImport | undefined>;
  /** The newest first. */
  list(limit: number): Promise<readonly RequestedImport[]>;
  /** For whoever does it and holds its lock. @returns `undefined` where it has ended */
  begin(id: bigint): Promise<RequestedImport | undefined>;
  progress(id: bigint, done: number, total: number): Promise<void>;
  end(
    id: bigint,
    ended: { readonly summary: LibraryImportSummary } | { readonly error: string },
  ): Promise<void>;
  /** It is tried again later. */
  postpone(id: bigint, error: string): Promise<void>;
}

/** The advisory locks of imports: one at a time from each source, by whichever process. */
export const IMPORT_LOCKS = 72_377;

const ATTEMPTS = 25;
/** Somebody waits for it: ahead of the films that it makes work for, and of which there may be thousands. */
const PRIORITY = -10;

interface Row {
  readonly id: bigint;
  readonly source: string;
  readonly library_id: string | null;
  readonly requested_by: string;
  readonly requested_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
  readonly outcome: 'done' | 'failed' | 'lost' | null;
  readonly done: number | null;
  readonly total: number | null;
  readonly summary: LibraryImportSummary | null;
  readonly error: string | null;
}

const toImport = (row: Row): RequestedImport => ({
  id: row.id,
  source: row.source,
  state: row.outcome ?? (row.started_at ? 'running' : 'waiting'),
  ...(row.library_id === null ? {} : { libraryId: row.library_id }),
  requestedBy: row.requested_by,
  requestedAt: row.requested_at,
  ...(row.started_at ? { startedAt: row.started_at } : {}),
  ...(row.ended_at ? { endedAt: row.ended_at } : {}),
  ...(row.done === null || row.total === null
    ? {}
    : { progress: { done: row.done, total: row.total } }),
  ...(row.summary ? { summary: row.summary } : {}),
  ...(row.error === null ? {} : { error: row.error }),
});

export const createLibraryImports = (database: Database): LibraryImports => {
  const one = async (text: string, values: readonly unknown[]) => {
    const [row] = await database.query<Row>({ text, values });
    return row && toImport(row);
  };
  return {
    request: ({ source, libraryId, requestedBy }) =>
      database.transaction(async (tx) => {
        await settle(tx, source);
        const [row] = await tx.query<Row>({
          text: `insert into library_imports (source, library_id, requested_by) values ($1, $2, $3)
                 on conflict (source) where ended_at is null do update
                   set library_id = excluded.library_id, requested_by = excluded.requested_by
                 returning *`,
          values: [source, libraryId ?? null, requestedBy],
        });
        if (!row) throw new Error(`no import from ${source} was written down`);
        await enqueue(tx, source, { importId: row.id.toString() });
        return toImport(row);
      }),
    find: (id) => one('select * from library_imports where id = $1', [id]),
    list: async (limit) =>
      (
        await database.query<Row>({
          text: 'select * from library_imports order by id desc limit $1',
          values: [limit],
        })
      ).map(toImport),
    begin: (id) =>
      one(
        `update library_imports set started_at = now(), done = null, total = null, error = null
         where id = $1 and ended_at is null returning *`,
        [id],
      ),
    progress: async (id, done, total) => {
      await one('update library_imports set done = $2, total = $3 where id = $1', [
        ...[id, done, total],
      ]);
    },
    end: async (id, ended) => {
      const summary = 'summary' in ended ? JSON.stringify(ended.summary) : null;
      await one(
        `update library_imports set ended_at = now(), outcome = $2, summary = $3, error = $4,
           done = case when $2 = 'done' then total else done end
         where id = $1 and ended_at is null`,
        [id, summary === null ? 'failed' : 'done', summary, 'error' in ended ? ended.error : null],
      );
    },
    postpone: async (id, error) => {
      await one(
        `update library_imports set started_at = null, error = $2
         where id = $1 and ended_at is null`,
        [id, error],
      );
    },
  };
};

/**
 * An import that seems to run and whose lock is free has lost its process: it is ended.
 * @throws {ImportUnderWay}
 */
const settle = async (tx: Connection, source: string): Promise<void> => {
  const [row] = await tx.query<Row>({
    text: `select * from library_imports
           where source = $1 and started_at is not null and ended_at is null for update`,
    values: [source],
  });
  if (!row) return;
  const [lock] = await tx.query<{ free: boolean }>({
    text: 'select pg_try_advisory_xact_lock($1, hashtext($2)) as free',
    values: [IMPORT_LOCKS, source],
  });
  if (lock?.free !== true) throw new ImportUnderWay(row.id);
  await tx.query({
    text: `update library_imports set ended_at = now(), outcome = 'lost' where id = $1`,
    values: [row.id],
  });
};

const enqueue = async (
  tx: Connection,
  source: string,
  about: WorkAbout<'import-library'>,
): Promise<void> => {
  const [there] = await tx.query<{ there: boolean }>({
    text: `select to_regclass('${QUEUE_SCHEMA}.jobs') is not null as there`,
  });
  if (there?.there !== true) {
    throw new NobodyImports(
      'No process does background work: start one whose REELLOG_ROLE is all or jobs, with the same settings.',
    );
  }
  await tx.query({
    text: `select ${QUEUE_SCHEMA}.add_job(
             'import-library', $1::json, job_key => $2, max_attempts => $3, priority => $4)`,
    values: [JSON.stringify(about), `import-library:${source}`, ATTEMPTS, PRIORITY],
  });
};
