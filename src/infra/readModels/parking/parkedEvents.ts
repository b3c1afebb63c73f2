import type {
  ParkedAct,
  ParkedEvent,
  ParkedEvents,
  ParkedRefusal,
  ParkedState,
} from '../../../projections/ports/parking.js';
import type { Database, Queryable } from '../../postgres/database.js';
import { lateApplication } from './lateApplication.js';
import { blamesEvent, told } from './poison.js';

const ENGINE = 'engine';

interface ParkedRow {
  readonly id: bigint;
  readonly projection: string;
  readonly version: number;
  readonly event_id: string;
  readonly position: bigint;
  readonly stream: string;
  readonly revision: bigint;
  readonly type: string;
  readonly recorded_at: Date;
  readonly state: ParkedState;
  readonly error: string | null;
  readonly detail: string | null;
  readonly attempts: number;
  readonly first_failed_at: Date | null;
  readonly last_failed_at: Date | null;
  readonly parked_at: Date | null;
  readonly settled_at: Date | null;
}

/** Parked events in PostgreSQL, beside the checkpoints. */
export const createParkedEvents = (database: Database): ParkedEvents => {
  const find = async (id: bigint): Promise<ParkedEvent | undefined> => {
    const [row] = await database.query<ParkedRow>({
      text: 'select * from projections.parked_events where id = $1',
      values: [id],
    });
    return row && parkedOf(row);
  };
  return {
    blames: blamesEvent,
    park: async (tx, { name, version }, { event, error, attempts, firstFailedAt }) => {
      const { error: message, detail } = told(error);
      await tx.query({
        text: `
          with parked as (
            insert into projections.parked_events as p (
              projection, version, event_id, position, stream, revision, type, recorded_at, state, error, detail,
              attempts, first_failed_at, last_failed_at, parked_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, 'parked', $9, $10, $11, $12, now(), now())
            on conflict (projection, event_id) do update
              set version = excluded.version, position = excluded.position, state = 'parked',
                  error = excluded.error, detail = excluded.detail, attempts = excluded.attempts,
                  first_failed_at = excluded.first_failed_at, last_failed_at = excluded.last_failed_at,
                  parked_at = excluded.parked_at, settled_at = null, build = null
            returning id
          )
          insert into projections.parked_acts (parked_id, actor, act, outcome, detail)
          select id, $13, 'park', 'parked', $9 from parked`,
        values: [
          ...[name, version, event.id, event.position, event.stream, event.revision, event.type],
          ...[event.recordedAt, message, detail, attempts, firstFailedAt, ENGINE],
        ],
      });
    },
    discarded: async (name) => {
      const rows = await database.query<{ event_id: string }>({
        text: `select event_id from projections.parked_events where projection = $1 and state = 'discarded'`,
        values: [name],
      });
      return new Set(rows.map((row) => row.event_id));
    },
    begunAnew: (name) => settleParked(database, name),
    counts: async () => {
      const rows = await database.query<{ projection: string; parked: bigint }>({
        text: `select projection, count(*) as parked from projections.parked_events
               where state = 'parked' group by projection`,
      });
      return new Map(rows.map(({ projection, parked }) => [projection, Number(parked)]));
    },
    list: async ({ projection, settled = false } = {}) => {
      const rows = await database.query<ParkedRow>({
        text: `select * from projections.parked_events
               where ($1::text is null or projection = $1) and (state = 'parked' or $2)
               order by id`,
        values: [projection ?? null, settled],
      });
      return rows.map(parkedOf);
    },
    find,
    acts: async (id) => {
      const rows = await database.query<Omit<ParkedAct, 'detail'> & { detail: string | null }>({
        text: `select at, actor, act, outcome, detail from projections.parked_acts
               where parked_id = $1 order by id`,
        values: [id],
      });
      return rows.map(({ detail, ...act }) => ({ ...act, ...(detail === null ? {} : { detail }) }));
    },
    apply: lateApplication(database),
    failedAgain: async ({ id }, { version, actor, error }) => {
      const { error: message, detail } = told(error);
      await database.query({
        text: `
          with failed as (
            update projections.parked_events
            set attempts = attempts + 1, last_failed_at = now(), version = $2, error = $3, detail = $4
            where id = $1 and state = 'parked'
            returning id
          )
          insert into projections.parked_acts (parked_id, actor, act, outcome, detail)
          select id, $5, 'retry', 'failed', $3 from failed`,
        values: [id, version, message, detail, actor],
      });
    },
    discard: async ({ id }, { actor, reason }) => {
      const rows = await database.query({
        text: `
          with discarded as (
            update projections.parked_events set state = 'discarded', settled_at = now()
            where id = $1 and state = 'parked'
            returning id
          )
          insert into projections.parked_acts (parked_id, actor, act, outcome, detail)
          select id, $2, 'discard', 'discarded', $3 from discarded
          returning id`,
        values: [id, actor, reason],
      });
      return rows.length > 0 ? 'discarded' : ('not-parked' satisfies ParkedRefusal);
    },
    leaveOut: async ({ name, version }, event, { actor, reason }) => {
      const [left] = await database.query<{ parked_id: bigint }>({
        text: `
          with left_out as (
            insert into projections.parked_events (
              projection, version, event_id, position, stream, revision, type, recorded_at, state, settled_at)
            values ($1, $2, $3, $4, $5, $6, $7, $8, 'discarded', now())
            on conflict (projection, event_id) do update
              set state = 'discarded', position = excluded.position, settled_at = now()
            returning id
          )
          insert into projections.parked_acts (parked_id, actor, act, outcome, detail)
          select id, $9, 'discard', 'discarded', $10 from left_out
          returning parked_id`,
        values: [
          ...[name, version, event.id, event.position, event.stream, event.revision, event.type],
          ...[event.recordedAt, actor, reason],
        ],
      });
      const parked = left && (await find(left.parked_id));
      if (!parked) throw new Error(`what is left out of ${name} was not written`);
      return parked;
    },
  };
};

/**
 * What was parked of a read model is in its rows now, for they were made anew; called in the transaction that
 * swaps them. What was discarded stays so.
 * @param rebuild the schema of the rows that are served from now on, where another one is
 */
export const settleParked = async (
  tx: Queryable,
  name: string,
  rebuild?: string,
): Promise<void> => {
  await tx.query({
    text: `
      with settled as (
        update projections.parked_events set state = 'rebuilt', settled_at = now(), build = $2
        where projection = $1 and state = 'parked'
        returning id
      )
      insert into projections.parked_acts (parked_id, actor, act, outcome)
      select id, $3, 'rebuild', 'rebuilt' from settled`,
    values: [name, rebuild ?? null, ENGINE],
  });
};

/**
 * Takes back what `settleParked` did for a rebuild: in the rows from before it, which are served again, these events
 * are missing. Called in the transaction that swaps back.
 */
export const reopenParked = async (tx: Queryable, name: string, rebuild: string): Promise<void> => {
  await tx.query({
    text: `
      with reopened as (
        update projections.parked_events set state = 'parked', settled_at = null, build = null
        where projection = $1 and state = 'rebuilt' and build = $2
        returning id
      )
      insert into projections.parked_acts (parked_id, actor, act, outcome)
      select id, $3, 'roll-back', 'parked' from reopened`,
    values: [name, rebuild, ENGINE],
  });
};

const parkedOf = (row: ParkedRow): ParkedEvent => ({
  id: row.id,
  projection: row.projection,
  version: row.version,
  event: {
    id: row.event_id,
    type: row.type,
    stream: row.stream,
    revision: row.revision,
    position: row.position,
    recordedAt: row.recorded_at,
  },
  state: row.state,
  attempts: row.attempts,
  ...(row.error === null ? {} : { error: row.error }),
  ...(row.detail === null ? {} : { detail: row.detail }),
  ...(row.first_failed_at === null ? {} : { firstFailedAt: row.first_failed_at }),
  ...(row.last_failed_at === null ? {} : { lastFailedAt: row.last_failed_at }),
  ...(row.parked_at === null ? {} : { parkedAt: row.parked_at }),
  ...(row.settled_at === null ? {} : { settledAt: row.settled_at }),
});
