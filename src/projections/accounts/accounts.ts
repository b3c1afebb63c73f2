import { accountDecider, type AccountState } from '../../domain/account/account.js';
import { ACCOUNT_STREAMS } from '../../domain/streams.js';
import { streamProjection, streamTable } from '../engine/tables/streamProjection.js';
import { table } from '../engine/tables/table.js';
import type { ProjectedEvent } from '../ports/projection.js';

interface AccountRow {
  readonly user_id: string;
  readonly state: AccountState;
  readonly registered_at: Date;
  readonly revision: number;
}

const accountsTable = table<AccountRow>('accounts', ['user_id']);

const handles = [
  'AccountRegistered',
  'ProfileChanged',
  'AccountRoleChanged',
  'AccountRemoved',
] as const;

type AccountEvent = ProjectedEvent<(typeof handles)[number]>;

const after = (row: AccountRow | undefined, event: AccountEvent): AccountRow | undefined => {
  const state = accountDecider.evolve(row?.state ?? accountDecider.initialState, event);
  if (state.status !== 'registered') return undefined;
  return {
    user_id: event.data.userId,
    state,
    registered_at: row?.registered_at ?? event.recordedAt,
    revision: Number(event.revision),
  };
};

/** People's profiles: the state that the rules fold, kept to be read. Those that were removed are not in it. */
export const accounts = streamProjection<(typeof handles)[number], AccountRow | undefined>({
  name: 'accounts',
  version: 2,
  personal: ['state'],
  handles,
  prefixes: [ACCOUNT_STREAMS],
  tables: `
    create table accounts (
      user_id uuid primary key,
      state json not null,
      registered_at timestamptz(3) not null,
      revision integer not null
    );
  `,
  initialState: undefined,
  evolve: after,
  rows: [streamTable(accountsTable, (row) => (row ? [row] : []))],
  changedBy: ({ data }) => [`account:${data.userId}`, 'accounts:list'],
});
