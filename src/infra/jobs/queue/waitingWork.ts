import type { Database } from '../../postgres/database.js';

/** A piece of work in the queue, as operators see it. */
export interface WaitingWork {
  readonly id: bigint;
  /** What is to be done, and to what: `enrich-movie:<film>`. */
  readonly what: string;
  /** `failed`: it was tried often enough, and is left to an operator. `running`: somebody has it in hand. */
  readonly state: (typeof STATES)[number];
  readonly attempts: number;
  /** When it is tried next, or may be. */
  readonly runAt: Date;
  readonly error: string | null;
}

/** What waits in the queue, and what an operator does about what failed. Works beside a running service. */
export interface QueuedWork {
  /** Those that failed first, then by when they are tried next. */
  list(options: {
    readonly failed: boolean;
    readonly limit: number;
    /** Only this one. */
    readonly id?: bigint;
  }): Promise<readonly WaitingWork[]>;
  /** `undefined`: there is no such work, or not any more. */
  find(id: bigint): Promise<WaitingWork | undefined>;
  /** How much there is in each state. */
  counts(): Promise<ReadonlyMap<WaitingWork['state'], number>>;
  /** Tries work again now; of all where no ids are given, those that failed. @returns of how many that was done */
  retry(ids: readonly bigint[] | undefined): Promise<number>;
  /** Takes work out of the queue for good; likewise. */
  discard(ids: readonly bigint[] | undefined): Promise<number>;
}

/** Of the database, where the queue is. */
export const QUEUE_SCHEMA = 'work_queue';

export const STATES = ['waiting', 'running', 'failed'] as const;
const FAILED = 'attempts >= max_attempts and locked_at is null';
const STATE = `case when locked_at is not null then 'running' when ${FAILED} then 'failed' else 'waiting' end`;

/** Reads the view of graphile-worker, and changes work by its functions; where there is no queue yet it is empty. */
export const createQueuedWork = (database: Database): QueuedWork => {
  const isThere = async (): Promise<boolean> => {
    const [row] = await database.query<{ there: boolean }>({
      text: `select to_regclass('${QUEUE_SCHEMA}.jobs') is not null as there`,
    });
    return row?.there === true;
  };
  const change = async (call: string, ids: readonly bigint[] | undefined): Promise<number> => {
    if (!(await isThere())) return 0;
    const rows = await database.query({
      text: `select changed.id from (
               select coalesce(array_agg(id), '{}') as ids from ${QUEUE_SCHEMA}.jobs
               where case when $1::bigint[] is null then ${FAILED} else id = any($1) end
             ) as wanted, ${QUEUE_SCHEMA}.${call} as changed`,
      values: [ids === undefined ? null : ids.map(String)],
    });
    return rows.length;
  };
  const list: QueuedWork['list'] = async ({ failed, limit, id }) => {
    if (!(await isThere())) return [];
    return database.query<WaitingWork>({
      // Work that was asked for again while it was in hand gives its key to the new piece.
      text: `select id, coalesce(key, task_identifier) as what, ${STATE} as state, attempts, run_at as "runAt", last_error as error
             from ${QUEUE_SCHEMA}.jobs
             where (not $1 or ${FAILED}) and ($3::bigint is null or id = $3)
             order by ${FAILED} desc, run_at, id limit $2`,
      values: [failed, limit, id?.toString() ?? null],
    });
  };
  return {
    list,
    find: async (id) => (await list({ failed: false, limit: 1, id }))[0],
    counts: async () => {
      if (!(await isThere())) return new Map(STATES.map((state) => [state, 0]));
      const rows = await database.query<{ state: WaitingWork['state']; count: number }>({
        text: `select s.state, count(j.id)::int as count
               from unnest($1::text[]) as s (state)
               left join (select id, ${STATE} as state from ${QUEUE_SCHEMA}.jobs) as j using (state)
               group by s.state`,
        values: [STATES],
      });
      return new Map(rows.map(({ state, count }) => [state, count]));
    },
    retry: (ids) => change('reschedule_jobs(wanted.ids, run_at => now(), attempts => 0)', ids),
    discard: (ids) => change('complete_jobs(wanted.ids)', ids),
  };
};
