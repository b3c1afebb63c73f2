import {
  CannotRollBack,
  type Rebuild,
  type RebuildStore,
  type WantedRebuild,
} from '../../../projections/ports/rebuildStore.js';
import type { Connection, Database, Queryable } from '../../postgres/database.js';
import { rebuildOf, COLUMNS, onlyOne, onlyRow, UNDER_WAY, type RebuildRow } from './rebuildRows.js';
import { dropFilled } from './filledSchemas.js';
import { LEASE_LOCK_SPACE } from '../live/leaseLocks.js';

const CHANNEL = 'reellog_builds';
/** Locks of those who ask for rebuilds of one read model: there may be no row yet to be locked. */
const REQUEST_LOCK_SPACE = 72_367;
const MOST_LISTED = 200;
/** Of a rebuild that has ended: its rows went with it, unless its rebuilder had lost the lease and still made them. */
const LEFT_BEHIND = `
  where state in ('cancelled', 'failed', 'dropped')
    and schema in (select nspname from pg_namespace)
    and schema not in (select schema from projections.checkpoints)
  order by id`;

/** Rebuilds in PostgreSQL, beside the checkpoints. */
export const createRebuildStore = (database: Database): RebuildStore => {
  /** Begins a change of the rebuilds of a read model that depends on which there are. */
  const changing = <T>(name: string, work: (tx: Connection) => Promise<T>): Promise<T> =>
    database.transaction(async (tx) => {
      await lockRequests(tx, name);
      return work(tx);
    });

  const request = (
    { name, version }: WantedRebuild,
    options: { readonly requestedBy: string; readonly eventsPerSecond?: number },
  ): Promise<Rebuild> =>
    changing(name, async (tx) => {
      const current = await underWayOf(tx, name);
      const throttle = options.eventsPerSecond ?? null;
      if (current?.version === version) {
        return updated(
          tx,
          current.id,
          'events_per_second = coalesce($3::integer, events_per_second), cancel_requested = false',
          [throttle],
        );
      }
      if (current?.led === true) return updated(tx, current.id, 'cancel_requested = true');
      if (current) await endRebuild(tx, current, { state: 'cancelled' });
      const rows = await tx.query<RebuildRow>({
        text: `
          insert into projections.builds as b (
            name, version, schema, state, events_per_second, requested_by)
          values ($2, $3, $4, 'waiting', $5, $6)
          returning ${COLUMNS}`,
        values: [
          ...[LEASE_LOCK_SPACE, name, version, await newSchema(tx, name), throttle],
          options.requestedBy,
        ],
      });
      await notify(tx);
      return onlyOne(rows);
    });

  const select = async (
    condition: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Rebuild[]> => {
    const rows = await database.query<RebuildRow>({
      text: `select ${COLUMNS} from projections.builds b ${condition}`,
      values: [LEASE_LOCK_SPACE, ...values],
    });
    return rows.map(rebuildOf);
  };

  /** Drops what was retired so many days ago or longer; absent: whatever is. */
  const drop = (name: string, retiredDays?: number): Promise<readonly Rebuild[]> =>
    changing(name, async (tx) => {
      // Nothing changes a retired rebuild but what ends its retirement, or an attempt at that.
      const rows = await tx.query<Pick<RebuildRow, 'id' | 'schema'>>({
        text: `select id, schema from projections.builds
               where name = $1 and state = 'retired'
                 and ($2::integer is null or updated_at <= now() - make_interval(days => $2))
               for update`,
        values: [name, retiredDays ?? null],
      });
      const dropped: Rebuild[] = [];
      for (const { id, schema } of rows) {
        await dropFilled(tx, schema);
        dropped.push(await updated(tx, id, `state = 'dropped', finished_at = now()`));
      }
      return dropped;
    });

  return {
    request: async (wanted, options) => {
      const rebuilds: Rebuild[] = [];
      for (const one of wanted) rebuilds.push(await request(one, options));
      return rebuilds;
    },
    underWay: () => select(`where ${UNDER_WAY} order by id`),
    list: () =>
      select(`order by (${UNDER_WAY}) desc, requested_at desc, id desc limit ${MOST_LISTED}`),
    find: async (id) => (await select('where id = $2', [id]))[0],
    report: async (reports) => {
      const rows = await database.query<
        Pick<RebuildRow, 'id' | 'cancel_requested' | 'events_per_second'>
      >({
        name: 'builds.report',
        // Several times a second, for whoever looks: nobody need wait for the disk.
        text: `update projections.builds b
               set state = told.state, position = told.position, target = told.target, events = told.events,
                   started_at = coalesce(started_at, now()), updated_at = now()
               from unnest($1::bigint[], $2::text[], $3::bigint[], $4::bigint[], $5::bigint[])
                 as told (id, state, position, target, events),
                 set_config('synchronous_commit', 'off', true)
               where b.id = told.id and b.${UNDER_WAY}
               returning b.id, cancel_requested, events_per_second`,
        values: [
          reports.map(({ id }) => id),
          reports.map(({ state }) => state),
          reports.map(({ position }) => position),
          reports.map(({ target }) => target),
          reports.map(({ events }) => events),
        ],
      });
      return reports.map(({ id }) => {
        const row = rows.find((one) => one.id === id);
        return {
          cancelRequested: row?.cancel_requested ?? true,
          ...(row?.events_per_second ? { eventsPerSecond: row.events_per_second } : {}),
        };
      });
    },
    end: (id, outcome) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query<RebuildRow>({
          text: `select ${COLUMNS} from projections.builds b where id = $2 and ${UNDER_WAY} for update of b`,
          values: [LEASE_LOCK_SPACE, id],
        });
        if (row) await endRebuild(tx, rebuildOf(row), outcome);
      }),
    release: async (lease) => {
      await lease.release();
      await notify(database);
    },
    cancel: (name) =>
      changing(name, async (tx) => {
        const current = await underWayOf(tx, name);
        if (!current) return undefined;
        return current.led
          ? updated(tx, current.id, 'cancel_requested = true')
          : endRebuild(tx, current, { state: 'cancelled' });
      }),
    throttle: (name, eventsPerSecond) =>
      changing(name, async (tx) => {
        const current = await underWayOf(tx, name);
        return (
          current &&
          updated(tx, current.id, 'events_per_second = $3::integer', [eventsPerSecond ?? null])
        );
      }),
    rollBack: ({ name, version }, { requestedBy }) =>
      changing(name, async (tx) => {
        if (await underWayOf(tx, name)) {
          throw new CannotRollBack(
            `A rebuild of ${name} is under way: cancel it, or wait for its end.`,
          );
        }
        const [retired] = await tx.query<Pick<Rebuild, 'id' | 'version'>>({
          text: `select id, version from projections.builds where name = $1 and state = 'retired' for update`,
          values: [name],
        });
        if (!retired) {
          throw new CannotRollBack(
            `The ${name} from before were never there or are dropped: there is nothing to go back to.`,
          );
        }
        if (retired.version !== version) {
          throw new CannotRollBack(
            `The ${name} from before are of version ${retired.version}, and this Reellog reads version ${version}: ` +
              `start the Reellog that made them.`,
          );
        }
        return updated(
          tx,
          retired.id,
          `state = 'catching-up', rolls_back = true, requested_by = $3, requested_at = now(), started_at = null,
           finished_at = null, cancel_requested = false, events_per_second = null, error = null, events = 0,
           position = checkpoint, target = checkpoint`,
          [requestedBy],
        );
      }),
    drop: (name) => drop(name),
    dropOutlived: async (retiredDays, signal) => {
      const dropped: Rebuild[] = [];
      for (const { name } of await select(`where state = 'retired' order by id`)) {
        signal.throwIfAborted();
        dropped.push(...(await drop(name, retiredDays)));
      }
      for (const rebuild of await select(LEFT_BEHIND)) {
        signal.throwIfAborted();
        await changing(rebuild.name, (tx) => dropFilled(tx, rebuild.schema));
        dropped.push(rebuild);
      }
      return dropped;
    },
    follow: (onChange) =>
      database.listen([CHANNEL], { onNotification: onChange, onListening: onChange }),
  };
};

const lockRequests = async (tx: Queryable, name: string): Promise<void> => {
  await tx.query({
    text: 'select pg_advisory_xact_lock($1, hashtext($2))',
    values: [REQUEST_LOCK_SPACE, name],
  });
};

/** The rebuild of a read model that is under way, which nobody else changes until the transaction ends. */
const underWayOf = async (tx: Queryable, name: string): Promise<Rebuild | undefined> => {
  const [row] = await tx.query<RebuildRow>({
    text: `select ${COLUMNS} from projections.builds b where name = $2 and ${UNDER_WAY} for update of b`,
    values: [LEASE_LOCK_SPACE, name],
  });
  return row && rebuildOf(row);
};

/** Changes one rebuild and tells all processes. @param values from `$3` on */
const updated = async (
  tx: Queryable,
  id: bigint,
  change: string,
  values: readonly unknown[] = [],
): Promise<Rebuild> => {
  const rows = await tx.query<RebuildRow>({
    text: `update projections.builds b set ${change}, updated_at = now() where id = $2 returning ${COLUMNS}`,
    values: [LEASE_LOCK_SPACE, id, ...values],
  });
  await notify(tx);
  return onlyOne(rows);
};

const endRebuild = async (
  tx: Queryable,
  { id, schema, rollsBack }: Rebuild,
  outcome: { readonly state: 'cancelled' } | { readonly state: 'failed'; readonly error: string },
): Promise<Rebuild> => {
  // What a roll-back began with is still good, and true at a later position.
  if (!rollsBack) await dropFilled(tx, schema);
  return updated(
    tx,
    id,
    'state = $3, error = $4, cancel_requested = false, rolls_back = false, finished_at = now()',
    [rollsBack ? 'retired' : outcome.state, outcome.state === 'failed' ? outcome.error : null],
  );
};

/** `stats_2`, `stats_3`, …: never one that was used before, by a rebuild or by somebody else. */
const newSchema = async (tx: Queryable, name: string): Promise<string> => {
  const rows = await tx.query<{ schema: string }>({
    text: `
      with used as (
        select schema from projections.builds union select nspname from pg_namespace
        union select name from projections.checkpoints
      ), numbered as (
        select substring(schema from length($1::text) + 2) as nth from projections.builds
        where name = $1 and starts_with(schema, $1 || '_')
      ), latest as (
        select coalesce(max(nth::bigint), 1) as nth from numbered where nth ~ '^[0-9]{1,9}$'
      )
      select $1 || '_' || candidate as schema
      from latest, generate_series(latest.nth + 1, latest.nth + 1 + (select count(*) from used)) candidate
      where $1 || '_' || candidate not in (select schema from used)
      order by candidate limit 1`,
    values: [name],
  });
  return onlyRow(rows).schema;
};

const notify = async (tx: Queryable): Promise<void> => {
  await tx.query({ text: `select pg_notify($1, '')`, values: [CHANNEL] });
};
