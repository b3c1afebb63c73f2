import type { Database } from '../../postgres/database.js';
import { CopyRefused } from './copyTarget.js';

/** What a service keeps in PostgreSQL beside its log and cannot make again from it: rows that were brought along. */
export interface BesideTheLog {
  readonly personalKeys: number;
  readonly tokens: number;
  readonly receipts: number;
  readonly reservations: number;
}

const ROWS = 1_000;

/** How the rows of a table, as JSON in `$1`, are brought to where some of them may be already. */
const tables = {
  // A key that was destroyed at the source stays destroyed.
  personalKeys: {
    name: 'personal_keys',
    write: `insert into personal_keys as there
            select * from json_populate_recordset(null::personal_keys, $1)
            on conflict (id) do update set key = null, destroyed_at = excluded.destroyed_at
              where excluded.key is null and there.key is not null`,
  },
  tokens: {
    name: 'api_tokens',
    write: `insert into api_tokens as there
            select * from json_populate_recordset(null::api_tokens, $1)
            on conflict (id) do update set revoked_at = excluded.revoked_at
              where there.revoked_at is null and excluded.revoked_at is not null`,
  },
  // What a command did is up to the end of the copy, wherever it was at the source.
  receipts: {
    name: 'command_receipts',
    write: `insert into command_receipts as there
              (user_id, key, fingerprint, ids_by_key_alone, outcome, created_at)
            select user_id, key, fingerprint, ids_by_key_alone,
                   case when outcome ? 'position'
                     then jsonb_set(outcome, '{position}', to_jsonb($2::text)) else outcome end,
                   created_at
            from json_populate_recordset(null::command_receipts, $1)
            on conflict (user_id, key) do update set outcome = excluded.outcome
              where there.outcome is null and excluded.outcome is not null`,
  },
  reservations: {
    name: 'reservations',
    write: `insert into reservations as there
            select * from json_populate_recordset(null::reservations, $1)
            on conflict (name) do update
              set owner = excluded.owner, reserved_at = excluded.reserved_at
              where there.owner <> excluded.owner`,
  },
} as const satisfies Record<keyof BesideTheLog, { readonly name: string; readonly write: string }>;

/**
 * Whether personal text that was written with the keys of one database would be read with others in the other.
 * @throws {CopyRefused}
 */
export const checkKeys = async (
  from: Database,
  to: Database,
  signal: AbortSignal,
): Promise<void> => {
  let other = 0;
  await eachPage(from, 'personal_keys', signal, async (rows) => {
    const [row] = await to.query<{ other: number }>({
      text: `select count(*)::int as other from (
               select from json_populate_recordset(null::personal_keys, $1) source
               join personal_keys there using (user_id)
               where source.key is not null
               group by user_id having not bool_or(there.id = source.id and there.key is not null)
             ) people`,
      values: [rows],
    });
    other += row?.other ?? 0;
  });
  if (other > 0) {
    throw new CopyRefused(
      `The target's database has other keys for the personal text of ${other} ${other === 1 ? 'person' : 'people'} ` +
        'than the source: it belongs to another Reellog. Nothing was written; use an empty database.',
    );
  }
};

/** Brings along what is missing; can be called again. @param head the position of the copy's last event */
export const copyBesideTheLog = async (
  from: Database,
  to: Database,
  { head, signal }: { readonly head: bigint; readonly signal: AbortSignal },
): Promise<BesideTheLog> => {
  const copy = async (what: keyof BesideTheLog): Promise<number> => {
    const { name, write } = tables[what];
    const parameters = write.includes('$2') ? [head] : [];
    let written = 0;
    await eachPage(from, name, signal, async (rows) => {
      const [row] = await to.query<{ written: number }>({
        text: `with written as (${write} returning 1) select count(*)::int as written from written`,
        values: [rows, ...parameters],
      });
      written += row?.written ?? 0;
    });
    return written;
  };
  return {
    personalKeys: await copy('personalKeys'),
    tokens: await copy('tokens'),
    receipts: await copy('receipts'),
    reservations: await copy('reservations'),
  };
};

/** The rows of a table, some at a time, as JSON arrays. */
const eachPage = (
  database: Database,
  table: string,
  signal: AbortSignal,
  work: (rows: string) => Promise<void>,
): Promise<void> =>
  database.transaction(async (tx) => {
    await tx.query({
      text: `declare page no scroll cursor for select to_json(t)::text as row from ${table} t`,
    });
    for (;;) {
      signal.throwIfAborted();
      const rows = await tx.query<{ row: string }>({ text: `fetch ${ROWS} from page` });
      if (rows.length === 0) return;
      await work(`[${rows.map(({ row }) => row).join(',')}]`);
    }
  });
