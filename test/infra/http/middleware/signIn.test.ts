import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { memberOf, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, prepare } from '../requests.js';

describe('Sign-in', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  const me = (token: string | undefined): Promise<HttpAnswer> =>
    reellog.api({ path: '/me', token });
  const newToken = async (
    options: { readonly scopes?: readonly ('read' | 'write')[]; readonly expiresAt?: Date } = {},
  ) => reellog.reellog.tokens.create({ userId: reellog.member.userId, name: 'test', ...options });

  /** A refusal that says how to sign in. */
  const refused = (answer: HttpAnswer, challenge: string): void => {
    expect(answer.status, answer.text).to.equal(401);
    expect(memberOf(answer.json, 'type')).to.equal('/problems/unauthenticated');
    expect(answer.headers['www-authenticate']).to.equal(challenge);
    expect(answer.headers['cache-control']).to.equal('no-store');
  };
  const NO_TOKEN = 'Bearer realm="reellog"';
  const BAD_TOKEN = 'Bearer realm="reellog", error="invalid_token"';

  describe('without a good token', () => {
    it('is refused at every address of the API, also where there is nothing', async () => {
      for (const path of [...routes.map((route) => route.path), '/', '/films', '/me/secrets']) {
        refused(await reellog.api({ path, token: undefined }), NO_TOKEN);
      }
    });

    it('is refused whatever else the header holds', async () => {
      const { token } = reellog.owner;
      for (const authorization of [
        token,
        `Basic ${Buffer.from(`owner:${token}`).toString('base64')}`,
        'Bearer',
        'Bearer ',
        `Bearer  ${token}`,
        `Bearer ${token} ${token}`,
        `Token ${token}`,
      ]) {
        const answer = await reellog.send({ path: '/api/v1/me', headers: { authorization } });
        refused(answer, NO_TOKEN);
      }
    });

    it('is refused for a token that nobody was given, or almost', async () => {
      const { token } = reellog.owner;
      for (const wrong of [
        `reel_${'A'.repeat(43)}`,
        token.slice(0, -1),
        `${token}A`,
        token.toUpperCase(),
        token.replace('reel_', ''),
        'null',
        "reel_' or true --",
      ]) {
        if (/\s/.test(wrong)) refused(await me(wrong), NO_TOKEN);
        else refused(await me(wrong), BAD_TOKEN);
      }
    });

    it('does not take a token from the address or the body', async () => {
      const { token } = reellog.owner;
      refused(
        await reellog.api({ path: `/me?token=${token}&access_token=${token}`, token: undefined }),
        NO_TOKEN,
      );
      const body = { displayName: 'Nobody', token, access_token: token };
      refused(
        await reellog.api({ method: 'PATCH', path: '/me', body, token: undefined }),
        NO_TOKEN,
      );
    });

    it('does not hand out what is in the cache', async () => {
      const path = `/movies/${FILM}`;
      const { headers } = await reellog.api({ path });
      await reellog.api({ path });
      const had = { 'If-None-Match': String(headers.etag) };
      refused(await reellog.api({ path, token: undefined, headers: had }), NO_TOKEN);
      refused(await reellog.api({ path, token: 'reel_nobody', headers: had }), BAD_TOKEN);
    });
  });

  it('takes the scheme in any case', async () => {
    for (const scheme of ['Bearer', 'bearer', 'BEARER']) {
      const headers = { authorization: `${scheme} ${reellog.owner.token}` };
      expect((await reellog.send({ path: '/api/v1/me', headers })).status).to.equal(200);
    }
  });

  describe('with a token of a limited time', () => {
    it('is refused once the time is over', async () => {
      const { token } = await newToken({ expiresAt: new Date(Date.now() - 1) });
      refused(await me(token), BAD_TOKEN);
    });

    it('is refused at that moment, also when the token was used just before', async () => {
      // On a busy machine it may be over before it was used: another one lasts longer.
      for (let lastsMs = 500; ; lastsMs *= 2) {
        const expiresAt = new Date(Date.now() + lastsMs);
        const { token } = await newToken({ expiresAt });
        const used = await me(token);
        if (used.status !== 200 && Date.now() >= expiresAt.getTime()) continue;
        expect(used.status).to.equal(200);
        while (Date.now() <= expiresAt.getTime() + 10) await sleep(10);
        refused(await me(token), BAD_TOKEN);
        return;
      }
    });

    it('lasts as many days as were asked for', async () => {
      const body = { name: 'A week', expiresInDays: 7 };
      const made = await reellog.api({ method: 'POST', path: '/me/tokens', body });
      const lasts =
        Date.parse(textOf(made.json, 'expiresAt')) - Date.parse(textOf(made.json, 'createdAt'));
      expect(Math.round(lasts / 86_400_000)).to.equal(7);
      expect((await me(textOf(made.json, 'token'))).status).to.equal(200);
    });
  });

  describe('with a token that is revoked', () => {
    const revoke = (tokenId: string): Promise<HttpAnswer> =>
      reellog.api({
        ...{ method: 'DELETE', path: `/me/tokens/${tokenId}`, token: reellog.member.token },
      });

    it('is refused at once, whatever is remembered or cached', async () => {
      const { token, info } = await newToken();
      const paths = [`/movies/${FILM}`, '/me/stats', '/me/tokens', '/me'];
      for (const path of [...paths, ...paths]) {
        expect((await reellog.api({ path, token })).status).to.equal(200);
      }
      expect((await revoke(info.id)).status).to.equal(204);
      for (const path of paths) refused(await reellog.api({ path, token }), BAD_TOKEN);
      const write = { method: 'PUT', path: `/movies/${FILM}/favorite`, token };
      refused(await reellog.api(write), BAD_TOKEN);
    });

    it('is refused also when it was being looked up at that moment', async () => {
      for (let time = 0; time < 40; time += 1) {
        const { token, info } = await newToken();
        const [, revoked] = await Promise.all([me(token), revoke(info.id), me(token)]);
        expect(revoked.status).to.equal(204);
        refused(await me(token), BAD_TOKEN);
      }
    });

    it('leaves the person’s other tokens as they are, and is gone from their list', async () => {
      const { token, info } = await newToken();
      await revoke(info.id);
      expect((await me(reellog.member.token)).status).to.equal(200);
      const list = await reellog.api({ path: '/me/tokens', token: reellog.member.token });
      expect(list.status).to.equal(200);
      expect(list.text).not.to.include(info.id);
      expect((await revoke(info.id)).status).to.equal(404);
      refused(await me(token), BAD_TOKEN);
    });
  });

  describe('keeps tokens to itself:', () => {
    it('a token is shown once, when it is made', async () => {
      const body = { name: 'Player' };
      const made = await reellog.api({ method: 'POST', path: '/me/tokens', body });
      expect(made.status).to.equal(201);
      const token = textOf(made.json, 'token');
      expect(token).to.match(/^reel_[\w-]{43}$/);
      const list = await reellog.api({ path: '/me/tokens' });
      expect(list.text).to.include(textOf(made.json, 'id'));
      expect(list.text).not.to.include(token).and.not.to.include('hash');
    });

    it('no row of any table holds a token, in text or in bytes', async () => {
      const { database } = reellog.reellog;
      const { token } = await newToken();
      await me(token);
      const tokens = [token, reellog.owner.token, reellog.member.token];
      const tables = await database.query<{ name: string }>({
        text: `select format('%I.%I', table_schema, table_name) as name
               from information_schema.tables
               where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
        values: [],
      });
      expect(tables.map(({ name }) => name)).to.include('public.api_tokens');
      const secrets = tokens.flatMap((one) => [
        one.replace('reel_', ''),
        Buffer.from(one).toString('hex'),
        Buffer.from(one.replace('reel_', ''), 'base64url').toString('hex'),
      ]);
      for (const { name } of tables) {
        const [found] = await database.query<{ rows: string }>({
          text: `select count(*) as rows from ${name} as t
                 where exists (select from unnest($1::text[]) as secret
                               where position(secret in t::text) > 0)`,
          values: [secrets],
        });
        expect(Number(found?.rows), name).to.equal(0);
      }
    });
  });

  describe('with a token of limited scope', () => {
    it('reads but does not write, or writes but does not read', async () => {
      const head = await reellog.head();
      const { token: reader } = await newToken({ scopes: ['read'] });
      const { token: writer } = await newToken({ scopes: ['write'] });
      const write = { method: 'PUT', path: `/movies/${FILM}/favorite` };
      expect((await me(reader)).status).to.equal(200);
      expect((await reellog.api({ ...write, token: reader })).status).to.equal(403);
      expect(await reellog.head()).to.equal(head);
      expect((await reellog.api({ ...write, token: writer })).status).to.equal(200);
      expect((await me(writer)).status).to.equal(403);
      const headRequest = { method: 'HEAD', path: '/me', token: writer };
      expect((await reellog.api(headRequest)).status).to.equal(403);
    });

    it('makes no token that may do more', async () => {
      const { token: writer } = await newToken({ scopes: ['write'] });
      const make = (scopes?: readonly string[]): Promise<HttpAnswer> =>
        reellog.api({
          ...{ method: 'POST', path: '/me/tokens', token: writer },
          body: { name: 'More', ...(scopes ? { scopes } : {}) },
        });
      expect((await make(['read'])).status).to.equal(403);
      expect((await make(['read', 'write'])).status).to.equal(403);
      const made = await make();
      expect(made.status).to.equal(201);
      expect(memberOf(made.json, 'scopes')).to.deep.equal(['write']);
      expect((await me(textOf(made.json, 'token'))).status).to.equal(403);
    });
  });
});
