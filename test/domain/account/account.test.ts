import { expect } from 'chai';
import { accountDecider } from '../../../src/domain/account/account.js';
import type { AccountCommand, AccountContext } from '../../../src/domain/account/commands.js';
import type { AccountEvent } from '../../../src/domain/account/events.js';
import { commandErrorsOf, specificationOf } from '../../support/deciders/deciderSpecification.js';
import { NOW } from '../../support/histories/viewingCommands.js';
import { personId } from '../../support/histories/viewingEvents.js';

type Data<Name extends AccountCommand['type']> = Extract<AccountCommand, { type: Name }>['data'];

const { given } = specificationOf(accountDecider);

const userId = personId('Ada');
const context: AccountContext = { now: NOW, userId };

const ada: AccountEvent = {
  type: 'AccountRegistered',
  data: { userId, displayName: 'Ada', role: 'member', zone: 'Europe/London' },
};
const changedTo = (
  changes: Omit<Extract<AccountEvent, { type: 'ProfileChanged' }>['data'], 'userId'>,
): AccountEvent => ({ type: 'ProfileChanged', data: { userId, ...changes } });

const register = (data: Data<'RegisterAccount'>): AccountCommand => ({
  type: 'RegisterAccount',
  data,
  context,
});
const change = (data: Data<'ChangeProfile'>): AccountCommand => ({
  type: 'ChangeProfile',
  data,
  context,
});
const see = (achievements: Data<'MarkAchievementsSeen'>['achievements']): AccountCommand => ({
  type: 'MarkAchievementsSeen',
  data: { achievements },
  context,
});

describe('Registering a person', () => {
  it('makes an account of a member in UTC if nothing else is said', () => {
    given()
      .when(register({ displayName: 'Ada' }))
      .then({
        type: 'AccountRegistered',
        data: { userId, displayName: 'Ada', role: 'member', zone: 'UTC' },
      });
  });

  it('takes the role and the zone that are told', () => {
    given()
      .when(register({ displayName: 'Ada', role: 'owner', timezone: 'Asia/Tokyo' }))
      .then({
        type: 'AccountRegistered',
        data: { userId, displayName: 'Ada', role: 'owner', zone: 'Asia/Tokyo' },
      });
  });

  it('again says nothing, and does not take back a zone that was changed since', () => {
    given(ada)
      .when(register({ displayName: 'Ada', timezone: 'Europe/London' }))
      .thenNothing();
    given(ada, changedTo({ zone: 'Asia/Tokyo' }))
      .when(register({ displayName: 'Ada', timezone: 'Europe/London' }))
      .thenNothing();
  });

  it('under the id of somebody else is refused, naming the account', () => {
    for (const data of [
      { displayName: 'Bob' },
      { displayName: 'Ada', role: 'owner' as const },
    ] satisfies readonly Data<'RegisterAccount'>[]) {
      const rejection = given(ada)
        .when(register(data))
        .thenRejected('already-exists', 'account-exists');
      expect(rejection).to.include({ existingId: userId });
    }
  });

  it('does not bring an erased name back', () => {
    given({ ...ada, data: { ...ada.data, displayName: null } })
      .when(register({ displayName: 'Ada' }))
      .thenRejected('already-exists', 'account-exists');
  });

  it('needs a name with something in it to see, a role and a zone that there are', () => {
    for (const displayName of ['', ' \u00a0 ', 'x'.repeat(101), 'A\u0000', '\ud800']) {
      expect(commandErrorsOf(register({ displayName })), displayName).to.have.lengthOf(1);
    }
    for (const told of [{ role: 'king' }, { timezone: 'Mars/Olympus_Mons' }]) {
      const command = {
        ...register({ displayName: 'Ada' }),
        data: { displayName: 'Ada', ...told },
      };
      expect(commandErrorsOf(command)).to.have.lengthOf(1);
    }
  });
});

describe('Changing one’s profile', () => {
  it('changes the name, the zone and the preferences', () => {
    given(ada)
      .when(
        change({
          displayName: 'Countess',
          timezone: 'Europe/Paris',
          preferences: { ratingScale: '5' },
        }),
      )
      .then(
        changedTo({
          displayName: 'Countess',
          zone: 'Europe/Paris',
          preferences: { ratingScale: '5' },
        }),
      );
  });

  it('says only what changed', () => {
    given(ada)
      .when(change({ displayName: 'Ada', timezone: 'Europe/Paris' }))
      .then(changedTo({ zone: 'Europe/Paris' }));
    given(ada, changedTo({ preferences: { ratingScale: '5' } }))
      .when(change({ preferences: { ratingScale: '5', removeWatchedFromWatchlist: true } }))
      .then(changedTo({ preferences: { removeWatchedFromWatchlist: true } }));
  });

  it('to what it is says nothing', () => {
    given(ada)
      .when(change({ displayName: 'Ada', timezone: 'Europe/London', preferences: {} }))
      .thenNothing();
    given(ada, changedTo({ zone: 'Asia/Tokyo', preferences: { removeWatchedFromWatchlist: true } }))
      .when(change({ timezone: 'Asia/Tokyo', preferences: { removeWatchedFromWatchlist: true } }))
      .thenNothing();
  });

  it('keeps preferences that are not named', () => {
    given(
      ada,
      changedTo({ preferences: { ratingScale: '100' } }),
      changedTo({ preferences: { removeWatchedFromWatchlist: true } }),
    )
      .when(change({ preferences: { ratingScale: '100' } }))
      .thenNothing();
  });

  it('takes a preference back', () => {
    given(ada, changedTo({ preferences: { removeWatchedFromWatchlist: true } }))
      .when(change({ preferences: { removeWatchedFromWatchlist: false } }))
      .then(changedTo({ preferences: { removeWatchedFromWatchlist: false } }));
  });

  it('keeps the role', () => {
    given(ada, changedTo({ displayName: 'Countess' }))
      .when(register({ displayName: 'Countess', role: 'member' }))
      .thenNothing();
  });

  it('needs something to change, a zone and preferences that there are', () => {
    for (const data of [
      {},
      { timezone: 'Mars/Olympus_Mons' },
      { preferences: { ratingScale: '7' } },
      { preferences: { colour: 'red' } },
      { role: 'owner' },
    ]) {
      expect(commandErrorsOf({ type: 'ChangeProfile', data })).to.have.lengthOf(1);
    }
  });

  it('is refused without an account', () => {
    given()
      .when(change({ displayName: 'Ada' }))
      .thenRejected('not-found', 'account-not-found');
  });
});

describe('Marking achievements as seen', () => {
  it('marks those that are named, or all', () => {
    given(ada)
      .when(see(['opening_credits', 'genre_explorer:gold']))
      .then({
        type: 'AchievementsSeen',
        data: { userId, achievements: ['opening_credits', 'genre_explorer:gold'] },
      });
    given(ada)
      .when(see('all'))
      .then({ type: 'AchievementsSeen', data: { userId, achievements: 'all' } });
  });

  it('is told every time: others may have been earned in between', () => {
    const seen: AccountEvent = { type: 'AchievementsSeen', data: { userId, achievements: 'all' } };
    given(ada, seen).when(see('all')).then(seen);
  });

  it('leaves the profile alone', () => {
    given(ada, { type: 'AchievementsSeen', data: { userId, achievements: 'all' } })
      .when(change({ displayName: 'Ada', timezone: 'Europe/London' }))
      .thenNothing();
  });

  it('is refused without an account', () => {
    given().when(see('all')).thenRejected('not-found', 'account-not-found');
  });

  it('names at least one, each once', () => {
    for (const achievements of [[], ['century_club', 'century_club'], ['']]) {
      expect(commandErrorsOf(see(achievements))).not.to.be.empty;
    }
  });
});

describe('Giving a person another role', () => {
  const to = (role: Data<'ChangeRole'>['role'], isLastOwner = false): AccountCommand => ({
    type: 'ChangeRole',
    data: { userId, role },
    context: { ...context, isLastOwner },
  });
  const changed = (role: Data<'ChangeRole'>['role']): AccountEvent => ({
    type: 'AccountRoleChanged',
    data: { userId, role },
  });

  it('is recorded, and nothing is where it is the role already', () => {
    given(ada).when(to('owner')).then(changed('owner'));
    given(ada, changed('owner')).when(to('owner')).thenNothing();
    given(ada, changed('owner')).when(to('member')).then(changed('member'));
  });

  it('is refused of the last owner, who may stay one', () => {
    given(ada, changed('owner')).when(to('admin', true)).thenRejected('conflict', 'last-owner');
    given(ada, changed('owner')).when(to('owner', true)).thenNothing();
  });

  it('is refused of nobody', () => {
    given().when(to('admin')).thenRejected('not-found', 'account-not-found');
  });
});

describe('Removing an account', () => {
  const remove = (isLastOwner = false): AccountCommand => ({
    type: 'RemoveAccount',
    data: { userId },
    context: { ...context, isLastOwner },
  });
  const removed: AccountEvent = { type: 'AccountRemoved', data: { userId } };

  it('is recorded once, and not of the last owner', () => {
    given(ada).when(remove()).then(removed);
    given(ada).when(remove(true)).thenRejected('conflict', 'last-owner');
    given(ada, removed).when(remove()).thenRejected('not-found', 'account-not-found');
    given().when(remove()).thenRejected('not-found', 'account-not-found');
  });

  it('leaves nothing to change, and nobody to register again under the id', () => {
    for (const command of [change({ displayName: 'Countess' }), see('all')]) {
      given(ada, removed).when(command).thenRejected('not-found', 'account-not-found');
    }
    given(ada, removed)
      .when(register({ displayName: 'Ada' }))
      .thenRejected('already-exists', 'account-exists');
  });
});
