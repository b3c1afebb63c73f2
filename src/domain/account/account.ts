import type { Static } from 'typebox';
import { accept, reject, type Decider, type Decision } from '../decider.js';
import type { Zone } from '../schemas.js';
import type { AccountCommand } from './commands.js';
import type { AccountEvent, Preferences, Role } from './events.js';

/** A person's account as its stream tells it. */
export type AccountState =
  | { readonly status: 'absent' }
  | {
      readonly status: 'registered';
      readonly userId: string;
      /** `null` once erased. */
      readonly displayName: string | null;
      readonly role: Static<typeof Role>;
      readonly zone: Zone;
      readonly preferences: Static<typeof Preferences>;
    };

/** Where a person did not say: the zone in which dates mean least. */
export const DEFAULT_ZONE: Zone = 'UTC';

const decide = (command: AccountCommand, state: AccountState): Decision<AccountEvent> => {
  const { userId } = command.context;
  switch (command.type) {
    case 'RegisterAccount': {
      const { displayName, role = 'member', timezone = DEFAULT_ZONE } = command.data;
      if (state.status === 'absent') {
        return accept({
          type: 'AccountRegistered',
          data: { userId, displayName, role, zone: timezone },
        });
      }
      // The same registration again changes nothing; another one under the same id is a mistake.
      return state.displayName === displayName && state.role === role
        ? accept()
        : reject({
            kind: 'already-exists',
            code: 'account-exists',
            message: 'There is an account with this id already.',
            existingId: userId,
          });
    }
    case 'ChangeProfile': {
      if (state.status === 'absent') return reject(unknownAccount);
      const { displayName, timezone } = command.data;
      const preferences = changedOf(command.data.preferences ?? {}, state.preferences);
      const changes = {
        ...(displayName !== undefined && displayName !== state.displayName ? { displayName } : {}),
        ...(timezone !== undefined && timezone !== state.zone ? { zone: timezone } : {}),
        ...(Object.keys(preferences).length > 0 ? { preferences } : {}),
      };
      return Object.keys(changes).length === 0
        ? accept()
        : accept({ type: 'ProfileChanged', data: { userId, ...changes } });
    }
    case 'MarkAchievementsSeen':
      if (state.status === 'absent') return reject(unknownAccount);
      return accept({
        type: 'AchievementsSeen',
        data: { userId, achievements: command.data.achievements },
      });
    default:
      return command satisfies never;
  }
};

const unknownAccount = {
  kind: 'not-found',
  code: 'account-not-found',
  message: 'There is no such account.',
} as const;

/** Those of the preferences wanted that are not so already. */
const changedOf = (
  wanted: Static<typeof Preferences>,
  current: Static<typeof Preferences>,
): Static<typeof Preferences> =>
  Object.fromEntries(
    Object.entries(wanted).filter(
      ([name, value]) => value !== current[name as keyof typeof wanted],
    ),
  );

const evolve = (state: AccountState, event: AccountEvent): AccountState => {
  switch (event.type) {
    case 'AccountRegistered':
      return { status: 'registered', preferences: {}, ...event.data };
    case 'ProfileChanged': {
      if (state.status === 'absent') return state;
      const { userId: _, preferences, ...changes } = event.data;
      return { ...state, ...changes, preferences: { ...state.preferences, ...preferences } };
    }
    case 'AchievementsSeen':
      return state;
    default:
      return event satisfies never;
  }
};

export const accountDecider: Decider<AccountState, AccountCommand, AccountEvent> = {
  initialState: { status: 'absent' },
  decide,
  evolve,
};
