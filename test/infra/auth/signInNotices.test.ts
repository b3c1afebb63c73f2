import { expect } from 'chai';
import { openDatabase } from '../../../src/infra/postgres/database.js';
import { createApiTokens } from '../../../src/infra/auth/apiTokens.js';
import { createSignIn } from '../../../src/infra/auth/signedIn.js';
import { followSignIns } from '../../../src/infra/auth/signInNotices.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';
import { startReellog, type RunningReellog } from '../../support/service/reellog.js';

/** Longer than any test: what is forgotten was forgotten because somebody told so. */
const HOUR_MS = 3_600_000;

describe('Who signed in', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
  });
  after(() => reellog.close());

  it('is forgotten in every process when a token is revoked, those made with it included', async () => {
    const { database, eventStore } = reellog.reellog;
    const { connectionString } = database;
    const other = openDatabase({ connectionString, maxConnections: 2, logger: testLogger });
    const tokens = createApiTokens(other);
    const signIn = createSignIn(tokens, eventStore, HOUR_MS);
    const following = followSignIns(other, signIn);
    try {
      const { userId } = reellog.member;
      const maker = await tokens.create({ userId: reellog.owner.userId, name: 'maker' });
      const child = await tokens.create({ userId, name: 'child', madeWith: maker.info.id });
      await eventually('both are remembered', async () => {
        await signIn.lookUp(maker.token);
        await signIn.lookUp(child.token);
        return signIn.remembered(maker.token) && signIn.remembered(child.token) ? true : false;
      });
      // By the other process.
      await reellog.reellog.tokens.revoke(maker.info.id);
      await eventually(
        'both are forgotten',
        () => !signIn.remembered(maker.token) && !signIn.remembered(child.token),
      );
      expect(await signIn.lookUp(child.token)).to.equal(undefined);
    } finally {
      await following.close();
      await other.close();
    }
  });
});
