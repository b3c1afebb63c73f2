import { expect } from 'chai';
import {
  memberOf,
  textOf,
  type HttpAnswer,
  type HttpRequest,
} from '../../../support/service/httpClient.js';
import {
  startReellog,
  type Person,
  type RunningReellog,
} from '../../../support/service/reellog.js';

const DAY_MS = 86_400_000;

describe('Tokens over HTTP', () => {
  let reellog: RunningReellog;
  let member: Person;

  before(async () => {
    reellog = await startReellog();
    ({ member } = reellog);
  });
  after(() => reellog.close());

  const make = async (token: string, body: object): Promise<HttpAnswer> =>
    reellog.api({ method: 'POST', path: '/me/tokens', token, body: { name: 'made', ...body } });
  const made = async (token: string, body: object = {}) => {
    const { status, text, json } = await make(token, body);
    expect(status, text).to.equal(201);
    return { id: textOf(json, 'id'), token: textOf(json, 'token'), json };
  };
  const statusOf = async (token: string): Promise<number> =>
    (await reellog.api({ path: '/me', token })).status;
  const idsOf = ({ json }: HttpAnswer): readonly unknown[] =>
    (memberOf(json, 'tokens') as readonly unknown[]).map((one) => memberOf(one, 'id'));

  it('a token of a day makes none that lasts longer', async () => {
    const day = await made(member.token, { expiresInDays: 1 });
    for (const body of [{}, { expiresInDays: 365 }]) {
      const child = await made(day.token, body);
      expect(memberOf(child.json, 'expiresAt')).to.equal(memberOf(day.json, 'expiresAt'));
      const grandchild = await made(child.token, body);
      const lasts = Date.parse(textOf(grandchild.json, 'expiresAt')) - Date.now();
      expect(lasts).to.be.at.most(DAY_MS);
    }
  });

  it('a token gives no scope that it does not have, and admin only where it is asked for', async () => {
    const { token: owner } = reellog.owner;
    const usual = await made(owner);
    expect(memberOf(usual.json, 'scopes')).to.deep.equal(['read', 'watch', 'write']);
    const refused = await make(usual.token, { scopes: ['read', 'admin'] });
    expect(refused.status).to.equal(403);
    expect(textOf(refused.json, 'detail')).to.include('"admin"');
    const player = await made(usual.token, { scopes: ['watch'] });
    expect(memberOf(player.json, 'scopes')).to.deep.equal(['watch']);
    expect((await make(player.token, {})).status).to.equal(403);
    expect((await make(usual.token, { userId: member.userId })).status).to.equal(403);
    await made(owner, { userId: member.userId, scopes: ['read', 'admin'] });
  });

  it('revoking a token revokes those made with it, at once', async () => {
    const parent = await made(member.token);
    const child = await made(parent.token);
    const grandchild = await made(child.token);
    const all = [parent.token, child.token, grandchild.token];
    for (const token of all) expect(await statusOf(token)).to.equal(200);
    const path = `/me/tokens/${parent.id}`;
    const revoked = await reellog.api({ method: 'DELETE', path, token: child.token });
    expect(revoked.status).to.equal(204);
    for (const token of all) expect(await statusOf(token)).to.equal(401);
    expect(await statusOf(member.token)).to.equal(200);
  });

  it('are listed a page at a time, each once', async () => {
    const person = await reellog.register('Many');
    for (let nth = 0; nth < 5; nth += 1) await made(person.token);
    const whole = idsOf(await reellog.api({ path: '/me/tokens', token: person.token }));
    expect(whole).to.have.lengthOf(6);
    const paged: unknown[] = [];
    for (let cursor = ''; ;) {
      const path = `/me/tokens?limit=2${cursor}`;
      const page = await reellog.api({ path, token: person.token });
      paged.push(...idsOf(page));
      const next = memberOf(page.json, 'nextCursor');
      if (typeof next !== 'string') break;
      cursor = `&cursor=${next}`;
    }
    expect(paged).to.deep.equal(whole);
    for (const query of ['cursor=x', 'limit=0', 'limit=501', 'user=1']) {
      const { status } = await reellog.api({ path: `/me/tokens?${query}`, token: person.token });
      expect(status, query).to.equal(400);
    }
  });

  it('are at most 100 of one person', async () => {
    const person = await reellog.register('Too many');
    const answers = [];
    for (let nth = 0; nth < 100; nth += 1) answers.push(await make(person.token, {}));
    expect(answers.map(({ status }) => status)).to.deep.equal([
      ...Array.from({ length: 99 }, () => 201),
      409,
    ]);
    const last = answers.at(-1);
    expect(memberOf(last?.json, 'type')).to.equal('/problems/too-many-tokens');
    const path = `/me/tokens/${textOf(answers[0]?.json, 'id')}`;
    await reellog.api({ method: 'DELETE', path, token: person.token });
    expect((await make(person.token, {})).status).to.equal(201);
  });

  it("owners see everybody's with who made them, and revoke them", async () => {
    const { userId } = member;
    const theirs = await made(member.token);
    const list = await reellog.api({ path: '/tokens?limit=500' });
    expect(list.status, list.text).to.equal(200);
    expect(idsOf(list)).to.include(theirs.id);
    expect(list.text).to.include(reellog.owner.userId).and.not.to.include(theirs.token);
    const ofMember = await reellog.api({ path: `/tokens?userId=${userId}` });
    const shown = (memberOf(ofMember.json, 'tokens') as readonly unknown[]).map((one) => [
      ...[memberOf(one, 'id'), memberOf(one, 'userId'), memberOf(one, 'madeWith')],
    ]);
    expect(new Set(shown.map(([, whose]) => whose))).to.deep.equal(new Set([userId]));
    const { tokenId: memberTokenId } = (await reellog.reellog.tokens.holderOf(member.token)) ?? {};
    expect(shown).to.deep.include([theirs.id, userId, memberTokenId]);

    const remove: HttpRequest = { method: 'DELETE', path: `/tokens/${theirs.id}` };
    expect((await reellog.api({ ...remove, token: member.token })).status).to.equal(403);
    expect((await reellog.api(remove)).status).to.equal(204);
    expect(await statusOf(theirs.token)).to.equal(401);
    expect((await reellog.api(remove)).status).to.equal(404);
  });
});
