import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import {
  createApiTokens,
  MOST_TOKENS,
  TokenRefused,
  type ApiTokens,
} from '../../../src/infra/auth/apiTokens.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { rejection } from '../../support/deciders/rejection.js';

describe('API tokens', () => {
  let fresh: FreshDatabase;
  let tokens: ApiTokens;

  before(async () => {
    fresh = await freshDatabase();
    tokens = createApiTokens(fresh.database);
  });
  after(() => fresh.drop());

  const isGood = async (token: string): Promise<boolean> =>
    (await tokens.holderOf(token)) !== undefined;
  const inMs = (ms: number): Date => new Date(Date.now() + ms);

  it('end no later than the one that they were made with', async () => {
    const userId = randomUUID();
    const expiresAt = inMs(60_000);
    const { info: maker } = await tokens.create({ userId, name: 'a minute', expiresAt });
    const madeWith = maker.id;
    const forEver = await tokens.create({ userId, name: 'for ever', madeWith });
    const longer = await tokens.create({ userId, name: 'x', madeWith, expiresAt: inMs(90_000) });
    const sooner = await tokens.create({ userId, name: 'x', madeWith, expiresAt: inMs(30_000) });
    expect(forEver.info.expiresAt).to.equal(maker.expiresAt);
    expect(longer.info.expiresAt).to.equal(maker.expiresAt);
    expect(Date.parse(sooner.info.expiresAt ?? '')).to.be.lessThan(expiresAt.getTime());
    const child = forEver.info.id;
    const grandchild = await tokens.create({ userId, name: 'x', madeWith: child });
    expect(grandchild.info.expiresAt).to.equal(maker.expiresAt);
  });

  it('are revoked together with all that were made with them, whoever has those', async () => {
    const [owner, member] = [randomUUID(), randomUUID()];
    const maker = await tokens.create({ userId: owner, name: 'maker' });
    const madeWith = maker.info.id;
    const child = await tokens.create({ userId: member, name: 'child', madeWith });
    const grandchild = await tokens.create({
      ...{ userId: member, name: 'grandchild', madeWith: child.info.id },
    });
    const other = await tokens.create({ userId: member, name: 'other' });
    expect(await tokens.revoke(child.info.id, owner)).to.deep.equal([]);
    expect(await isGood(child.token)).to.equal(true);
    expect(await tokens.revoke(madeWith)).to.have.members([owner, member]);
    for (const { token } of [maker, child, grandchild]) expect(await isGood(token)).to.equal(false);
    expect(await isGood(other.token)).to.equal(true);
    expect(await tokens.revoke(madeWith)).to.deep.equal([]);
  });

  it('are not made with one that was revoked or has expired', async () => {
    const userId = randomUUID();
    const revoked = await tokens.create({ userId, name: 'revoked' });
    await tokens.revoke(revoked.info.id);
    const expired = await tokens.create({ userId, name: 'expired', expiresAt: inMs(-1) });
    for (const madeWith of [revoked.info.id, expired.info.id, randomUUID()]) {
      const error = await rejection(tokens.create({ userId, name: 'x', madeWith }), TokenRefused);
      expect(error.reason).to.equal('maker-ended');
    }
  });

  it('leave none good that was made while its maker was being revoked', async () => {
    const userId = randomUUID();
    for (let time = 0; time < 20; time += 1) {
      const maker = await tokens.create({ userId, name: 'maker' });
      const making = Promise.all(
        [1, 2, 3].map(() =>
          tokens
            .create({ userId, name: 'child', madeWith: maker.info.id })
            .then(({ token }) => token)
            .catch(() => undefined),
        ),
      );
      const [made] = await Promise.all([making, tokens.revoke(maker.info.id)]);
      for (const token of made) {
        if (token !== undefined) expect(await isGood(token)).to.equal(false);
      }
    }
  });

  it(`are ${MOST_TOKENS} of one person at most, of those that are good`, async () => {
    const userId = randomUUID();
    const ended = await tokens.create({ userId, name: 'revoked' });
    await tokens.revoke(ended.info.id);
    await tokens.create({ userId, name: 'expired', expiresAt: inMs(-1) });
    const create = (name: string) =>
      tokens.create({ userId, name }).catch((error: unknown) => error);
    const made = await Promise.all(
      Array.from({ length: MOST_TOKENS + 3 }, (_, nth) => create(String(nth))),
    );
    const refused = made.filter((one) => one instanceof TokenRefused);
    expect(refused.map(({ reason }) => reason)).to.deep.equal(['too-many', 'too-many', 'too-many']);
    expect(await tokens.create({ userId: randomUUID(), name: 'of another' })).to.be.an('object');
    const [, , first] = await tokens.list({ userId });
    await tokens.revoke(first?.id ?? '');
    expect(await create('one more')).not.to.be.instanceOf(Error);
  });

  it('all end when all of a person are revoked', async () => {
    const [userId, other] = [randomUUID(), randomUUID()];
    const mine = await tokens.create({ userId, name: 'mine' });
    const child = await tokens.create({ userId: other, name: 'child', madeWith: mine.info.id });
    const own = await tokens.create({ userId: other, name: 'own' });
    expect(await tokens.revokeAllOf(userId)).to.have.members([userId, other]);
    expect(await isGood(mine.token)).to.equal(false);
    expect(await isGood(child.token)).to.equal(false);
    expect(await isGood(own.token)).to.equal(true);
    expect(await tokens.list({ userId })).to.deep.equal([]);
  });
});
