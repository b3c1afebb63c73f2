import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import { memberOf, openHttpClient, type HttpAnswer } from '../../../support/service/httpClient.js';
import {
  startReellog,
  type Person,
  type RunningReellog,
} from '../../../support/service/reellog.js';

type Role = 'owner' | 'admin' | 'member';
const ALL = ['read', 'watch', 'write', 'admin'] as const;

describeOnBothLogs('Accounts over HTTP', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
  });
  after(() => reellog.close());

  /** Somebody of a role, with a token that may do everything that the role may. */
  const somebody = async (role: Role = 'member'): Promise<Person> => {
    const { userId } = await reellog.register('Somebody');
    const answer = await changeRole(userId, role);
    expect(answer.status, answer.text).to.equal(200);
    const { token } = await reellog.reellog.tokens.create({ userId, name: 'all', scopes: ALL });
    return { userId, token };
  };
  const changeRole = (userId: string, role: Role, token = reellog.owner.token) =>
    reellog.api({ method: 'PUT', path: `/accounts/${userId}/role`, token, body: { role } });
  const remove = (userId: string, token = reellog.owner.token): Promise<HttpAnswer> =>
    reellog.api({ method: 'DELETE', path: `/accounts/${userId}`, token });
  const type = ({ json }: HttpAnswer): unknown => memberOf(json, 'type');

  it('are listed for owners, a page at a time', async () => {
    const { userId } = await reellog.register('Buster');
    await reellog.caughtUp();
    const { status, json } = await reellog.api({ path: '/accounts' });
    expect(status).to.equal(200);
    const all = memberOf(json, 'accounts') as readonly unknown[];
    expect(all.map((one) => memberOf(one, 'id'))).to.include.members([
      ...[reellog.owner.userId, reellog.member.userId, userId],
    ]);
    const buster = all.find((one) => memberOf(one, 'id') === userId);
    expect(buster).to.include({ displayName: 'Buster', role: 'member', timezone: 'UTC' });
    const ids: unknown[] = [];
    for (let cursor: unknown = ''; typeof cursor === 'string';) {
      const query = cursor === '' ? '' : `&cursor=${cursor}`;
      const page = await reellog.api({ path: `/accounts?limit=1${query}` });
      ids.push(memberOf(page.json, 'accounts', 0, 'id'));
      cursor = memberOf(page.json, 'nextCursor');
    }
    expect(ids).to.deep.equal(all.map((one) => memberOf(one, 'id')));
  });

  describe('get another role', () => {
    it('that counts at once, also of what is remembered', async () => {
      const person = await somebody('admin');
      const accounts = () => reellog.api({ path: '/projections', token: person.token });
      for (const [role, status] of [
        ['member', 403],
        ['admin', 200],
        ['member', 403],
        ['owner', 200],
      ] as const) {
        expect((await changeRole(person.userId, role)).status).to.equal(200);
        expect((await accounts()).status, role).to.equal(status);
      }
      await changeRole(person.userId, 'member');
    });

    it('from owners alone', async () => {
      const [admin, member] = [await somebody('admin'), await somebody()];
      for (const { token } of [admin, member]) {
        expect((await changeRole(member.userId, 'owner', token)).status).to.equal(403);
        expect((await remove(member.userId, token)).status).to.equal(403);
      }
    });

    it('that there is, as a person that there is', async () => {
      expect((await changeRole(randomUUID(), 'admin')).status).to.equal(404);
      const wrong = await reellog.api({
        ...{
          method: 'PUT',
          path: `/accounts/${reellog.member.userId}/role`,
          body: { role: 'king' },
        },
      });
      expect(wrong.status).to.equal(400);
    });
  });

  describe('are removed', () => {
    it('with their tokens, at once, while their history stays', async () => {
      const person = await somebody();
      const film = await reellog.api({ method: 'POST', path: '/movies', body: { title: 'Ikiru' } });
      const rating = `/movies/${String(memberOf(film.json, 'id'))}/rating`;
      const rated = await reellog.api({
        ...{ method: 'PUT', path: rating, token: person.token, body: { rating: 8 } },
      });
      expect(rated.status, rated.text).to.equal(200);
      const before = await reellog.head();
      expect((await remove(person.userId)).status).to.equal(204);
      expect((await reellog.api({ path: '/me', token: person.token })).status).to.equal(401);
      expect(await reellog.reellog.tokens.list({ userId: person.userId })).to.deep.equal([]);
      const { events } = await reellog.reellog.eventStore.readAll({ after: before, maxCount: 10 });
      expect(events.map(({ type }) => type)).to.deep.equal(['AccountRemoved']);
      await reellog.caughtUp();
      const { text } = await reellog.api({ path: '/accounts' });
      expect(text).not.to.include(person.userId);
      expect((await remove(person.userId)).status).to.equal(404);
      expect((await changeRole(person.userId, 'admin')).status).to.equal(404);
      const token = { name: 'x', userId: person.userId };
      const made = await reellog.api({ method: 'POST', path: '/me/tokens', body: token });
      expect(made.status).to.equal(404);
      const again = await reellog.api({
        ...{ method: 'POST', path: '/accounts' },
        body: { userId: person.userId, displayName: 'Somebody' },
      });
      expect(again.status).to.equal(409);
    });
  });

  describe('keep an owner:', () => {
    it('the last one is neither removed nor made anything less', async () => {
      const { userId } = reellog.owner;
      for (const answer of [await changeRole(userId, 'member'), await remove(userId)]) {
        expect(answer.status, answer.text).to.equal(409);
        expect(type(answer)).to.equal('/problems/last-owner');
      }
    });

    it('one may go as soon as there is another, without a wait for what shows them', async () => {
      const { userId } = reellog.owner;
      const heir = await somebody('owner');
      expect((await changeRole(userId, 'member')).status).to.equal(200);
      expect((await reellog.api({ path: '/accounts' })).status).to.equal(403);
      const alone = await remove(heir.userId, heir.token);
      expect(type(alone)).to.equal('/problems/last-owner');
      expect((await changeRole(userId, 'owner', heir.token)).status).to.equal(200);
      expect((await remove(heir.userId, heir.token)).status).to.equal(204);
    });

    it('of two who remove each other at the same moment, in two processes, one stays', async () => {
      const { connectionString } = reellog.reellog.database;
      const other = await startReellog({ databaseUrl: connectionString });
      const client = openHttpClient(other.url);
      try {
        for (let time = 0; time < 3; time += 1) {
          const [a, b] = [await somebody('owner'), await somebody('owner')];
          // The founder steps back, so that there are two.
          expect((await changeRole(reellog.owner.userId, 'member', a.token)).status).to.equal(200);
          const [byA, byB] = await Promise.all([
            remove(b.userId, a.token),
            client.send({
              ...{ method: 'DELETE', path: `/api/v1/accounts/${a.userId}`, token: b.token },
            }),
          ]);
          const statuses = [byA.status, byB.status];
          expect(
            statuses.filter((status) => status === 204),
            String(statuses),
          ).to.have.length(1);
          const left = byA.status === 204 ? a : b;
          expect((await changeRole(reellog.owner.userId, 'owner', left.token)).status).to.equal(
            200,
          );
          expect((await remove(left.userId)).status).to.equal(204);
        }
      } finally {
        client.close();
        await other.close();
      }
    });
  });
});
