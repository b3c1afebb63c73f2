import { freshDatabase } from './database.js';

/** What a database or a role of somebody else's may have set, each otherwise than Reellog expects. */
const UNUSUAL: Readonly<Record<string, string>> = {
  DateStyle: 'SQL, DMY',
  IntervalStyle: 'sql_standard',
  TimeZone: 'Pacific/Kiritimati',
  extra_float_digits: '-10',
  bytea_output: 'escape',
  standard_conforming_strings: 'off',
  array_nulls: 'off',
  transform_null_equals: 'on',
  client_encoding: 'LATIN1',
  search_path: 'nowhere',
  default_transaction_isolation: 'serializable',
  default_transaction_read_only: 'on',
  default_transaction_deferrable: 'on',
  statement_timeout: '200ms',
  lock_timeout: '1ms',
  idle_in_transaction_session_timeout: '200ms',
  idle_session_timeout: '300ms',
  transaction_timeout: '400ms',
};

/** An empty database that belongs to a plain role, as a database of one's own does. */
export interface ForeignDatabase {
  readonly connectionString: string;
  drop(): Promise<void>;
}

let counter = 0;

/** Makes one, in which nothing is set as usual, for the database or the role. */
export const foreignDatabase = async (
  settingsOf: 'database' | 'role',
): Promise<ForeignDatabase> => {
  const fresh = await freshDatabase({ contents: 'nothing' });
  const role = `plain_${process.pid}_${(counter += 1)}`;
  const name = /\/(\w+)\?/.exec(fresh.connectionString)?.[1] ?? '';
  const run = (text: string) => fresh.database.query({ text });
  await run(`create role ${role} login`);
  await run(`alter database ${name} owner to ${role}`);
  const of = settingsOf === 'database' ? `database ${name}` : `role ${role}`;
  for (const [setting, value] of Object.entries(UNUSUAL)) {
    await run(`alter ${of} set ${setting} = '${value}'`);
  }
  return {
    connectionString: fresh.connectionString.replace(/\/\/[^@/]*@/, `//${role}@`),
    drop: async () => {
      await run(`alter database ${name} owner to current_user`);
      await run(`reassign owned by ${role} to current_user`);
      await run(`drop role ${role}`);
      await fresh.drop();
    },
  };
};
