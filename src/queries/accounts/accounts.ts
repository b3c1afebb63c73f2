import { Type } from 'typebox';
import type { AccountState } from '../../domain/account/account.js';
import { Role } from '../../domain/account/events.js';
import { Instant, Uuid, Zone } from '../../domain/schemas.js';
import { decodeCursor, isDateText, listKey, pageOf } from '../serving/cursor.js';
import { nextCursor, paging } from '../serving/listParameters.js';
import type { ReadModels } from '../ports/readModels.js';
import { query } from '../query.js';

/** The people of this installation, in the order in which they registered. */
export const accounts = query({
  name: 'accounts',
  parameters: Type.Object({ ...paging(100, 500) }, { additionalProperties: false }),
  answer: Type.Object(
    {
      accounts: Type.Array(
        Type.Object(
          {
            id: Uuid,
            displayName: Type.Union([Type.String(), Type.Null()]),
            role: Role,
            timezone: Zone,
            registeredAt: Instant,
            revision: Type.Integer({ minimum: 0 }),
          },
          { additionalProperties: false },
        ),
      ),
      nextCursor,
    },
    { additionalProperties: false },
  ),
  requires: { role: 'owner', scope: 'admin' },
  audience: 'everyone',
  readModels: ['accounts'],
  dependsOn: () => [ACCOUNTS_CHANGE],
  read: async ({ limit, cursor }, _, readModels) => {
    const list = listKey('accounts');
    const place = cursor === undefined ? undefined : decodeCursor(cursor, list, isDateText);
    const rows = await readModels.query<{
      user_id: string;
      state: Extract<AccountState, { status: 'registered' }>;
      registered_at: Date;
      revision: number;
    }>({
      name: 'accounts',
      text: `select user_id, state, registered_at, revision from {accounts}.accounts
             where $1::timestamptz is null or (registered_at, user_id) > ($1::timestamptz, $2::uuid)
             order by registered_at, user_id limit $3`,
      values: [place?.value ?? null, place?.id ?? null, limit + 1],
    });
    const { page, nextCursor: next } = pageOf(rows, limit, list, (row) => ({
      value: row.registered_at.toISOString(),
      id: row.user_id,
    }));
    return {
      accounts: page.map(({ user_id: id, state, registered_at: at, revision }) => ({
        id,
        displayName: state.displayName,
        role: state.role,
        timezone: state.zone,
        registeredAt: at.toISOString(),
        revision,
      })),
      nextCursor: next,
    };
  },
});

/** The key of everything that depends on who there is. */
export const ACCOUNTS_CHANGE = 'accounts:list';

/** The owners that the read model shows. */
export const ownersIn = async (readModels: ReadModels): Promise<readonly string[]> => {
  const rows = await readModels.query<{ user_id: string }>({
    name: 'accounts.owners',
    text: "select user_id from {accounts}.accounts where state ->> 'role' = 'owner'",
  });
  return rows.map(({ user_id }) => user_id);
};
