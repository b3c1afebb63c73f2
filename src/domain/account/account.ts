import type { Static } from 'typebox';
import { accept, reject, type Decider, type Decision } from '../decider.js';
import type { Zone } from '../schemas.js';
import type { AccountCommand } from './commands.js';
import type { AccountEvent, Preferences, Role } from './events.js';

/** A person's account as its stream tells it. */
export type AccountState =
  | { readonly status: 'absent' }
  | { readonly status: 'removed' }
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
      return state.status === 'registered' &&
        state.displayName === displayName &&
        state.role === role
        ? accept()
        : reject({
            kind: 'already-exists',
            code: 'account-exists',
            message: 'There is, or was, an account with this id.',
            existingId: userId,
          });
    }
    case 'ChangeProfile': {
      if (state.status !== 'registered') return reject(unknownAccount);
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
      if (state.status !== 'registered') return reject(unknownAccount);
      return accept({
        type: 'AchievementsSeen',
        data: { userId, achievements: command.data.achievements },
      });
    case 'ChangeRole': {
      if (state.status !== 'registered') return reject(unknownAccount);
      const { role } = command.data;
      if (role === state.role) return accept();
      if (command.context.isLastOwner === true) return reject(lastOwner);
      return accept({ type: 'AccountRoleChanged', data: { userId, role } });
    }
    case 'RemoveAccount':
      if (state.status !== 'registered') return reject(unknownAccount);
      if (command.context.isLastOwner === true) return reject(lastOwner);
      return accept({ type: 'AccountRemoved', data: { userId } });
    default:
      return command satisfies never;
  }
};

const lastOwner = {
  kind: 'conflict',
  code: 'last-owner',
  message: 'There is no other owner. Make somebody else an owner first.',
} as const;

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
      if (state.status !== 'registered') return state;
      const { userId: _, preferences, ...changes } = event.data;
      return { ...state, ...changes, preferences: { ...state.preferences, ...preferences } };
    }
    case 'AccountRoleChanged':
      return state.status === 'registered' ? { ...state, role: event.data.role } : state;
    case 'AccountRemoved':
      return { status: 'removed' };
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
