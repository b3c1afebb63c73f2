import { Type } from 'typebox';
import { mayRead } from '../../domain/account/permissions.js';
import type { AccountState } from '../../domain/account/account.js';
import { Preferences, Role } from '../../domain/account/events.js';
import { Instant, Uuid, Zone } from '../../domain/schemas.js';
import { accountInLog } from './accountInLog.js';
import { query } from '../query.js';

/** The asker's own account. */
export const profile = query({
  name: 'profile',
  parameters: Type.Object({}, { additionalProperties: false }),
  answer: Type.Object(
    {
      id: Uuid,
      displayName: Type.Union([Type.String(), Type.Null()]),
      role: Role,
      timezone: Zone,
      preferences: Preferences,
      registeredAt: Instant,
      revision: Type.Integer({ minimum: 0 }),
    },
    { additionalProperties: false },
  ),
  requires: mayRead,
  audience: 'personal',
  readModels: ['accounts'],
  dependsOn: (_, { userId }) => [`account:${userId}`],
  read: async (_, { userId }, readModels) => {
    const [row] = await readModels.query<{
      state: AccountState;
      registered_at: Date;
      revision: number;
    }>({
      name: 'profile',
      text: 'select state, registered_at, revision from {accounts}.accounts where user_id = $1',
      values: [userId],
    });
    return row && answerOf(userId, row.state, row.registered_at, row.revision);
  },
  // Whoever asks has signed in, so there is an account.
  readOfLog: async (_, { userId }, log) => {
    const { state, registeredAt, revision } = await accountInLog(log, userId);
    return registeredAt && answerOf(userId, state, registeredAt, Number(revision));
  },
});

const answerOf = (id: string, state: AccountState, registeredAt: Date, revision: number) => {
  if (state.status !== 'registered') return undefined;
  const { displayName, role, zone: timezone, preferences } = state;
  return {
    id,
    displayName,
    role,
    timezone,
    preferences,
    revision,
    registeredAt: registeredAt.toISOString(),
  };
};
