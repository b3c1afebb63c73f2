import { accountDecider, type AccountState } from '../../domain/account/account.js';
import { table } from '../engine/table.js';
import type { Projection } from '../ports/projection.js';

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

/** People's profiles: the state that the rules fold, kept to be read. Those that were removed are not in it. */
export const accounts: Projection<(typeof handles)[number]> = {
  name: 'accounts',
  version: 2,
  personal: ['state'],
  handles,
  tables: `
    create table accounts (
      user_id uuid primary key,
      state json not null,
      registered_at timestamptz(3) not null,
      revision integer not null
    );
  `,
  project: async (events, tx) => {
    const rows = await accountsTable.load(
      tx,
      events.map(({ data }) => ({ user_id: data.userId })),
    );
    for (const event of events) {
      const user_id = event.data.userId;
      const old = rows.get({ user_id });
      const state = accountDecider.evolve(old?.state ?? accountDecider.initialState, event);
      if (state.status !== 'registered') {
        rows.delete({ user_id });
        continue;
      }
      rows.set({
        user_id,
        state,
        registered_at: old?.registered_at ?? event.recordedAt,
        revision: Number(event.revision),
      });
    }
    await rows.flush(tx);
    return [...events.map(({ data }) => `account:${data.userId}`), 'accounts:list'];
  },
};
