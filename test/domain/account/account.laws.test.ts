import { expect } from 'chai';
import fc from 'fast-check';
import { accountDecider } from '../../../src/domain/account/account.js';
import type { AccountCommand, AccountContext } from '../../../src/domain/account/commands.js';
import { keepsTheLaws, lawsOf } from '../../support/deciders/deciderLaws.js';
import { eventsOf } from '../../support/deciders/deciderSteps.js';
import { NOW } from '../../support/histories/viewingCommands.js';
import { personId } from '../../support/histories/viewingEvents.js';

const context: AccountContext = { now: NOW, userId: personId('Ada') };
const displayName = fc.constantFrom('Ada', 'Countess');
const timezone = fc.constantFrom('UTC', 'Asia/Tokyo');
const preferences = fc.record(
  {
    ratingScale: fc.constantFrom('10' as const, '5' as const),
    removeWatchedFromWatchlist: fc.boolean(),
  },
  { requiredKeys: [] },
);

const command: fc.Arbitrary<AccountCommand> = fc.oneof(
  fc
    .record(
      { displayName, timezone, role: fc.constantFrom('member' as const, 'owner' as const) },
      { requiredKeys: ['displayName'] },
    )
    .map((data): AccountCommand => ({ type: 'RegisterAccount', data, context })),
  {
    weight: 4,
    arbitrary: fc
      .record({ displayName, timezone, preferences }, { requiredKeys: [] })
      .filter((data) => Object.keys(data).length > 0)
      .map((data): AccountCommand => ({ type: 'ChangeProfile', data, context })),
  },
  fc
    .constantFrom<'all' | string[]>('all', ['century_club'])
    .map((achievements): AccountCommand => ({
      type: 'MarkAchievementsSeen',
      data: { achievements },
      context,
    })),
);

const lawOf = lawsOf(accountDecider, fc.array(command, { minLength: 1, maxLength: 12 }));

describe('What becomes of an account, whatever it is,', () => {
  keepsTheLaws(accountDecider, lawOf, { MarkAchievementsSeen: 'recorded' });

  it('begins with a registration, and with one alone', () => {
    lawOf((steps) => {
      const registered = eventsOf(steps).map(({ type }) => type === 'AccountRegistered');
      expect(registered.indexOf(true)).to.be.oneOf([-1, 0]);
      expect(registered.lastIndexOf(true)).to.equal(registered.indexOf(true));
      if (registered.length > 0) expect(registered[0]).to.equal(true);
    });
  });
});
