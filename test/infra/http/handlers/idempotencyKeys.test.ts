import { expect } from 'chai';
import { API_BASE } from '../../../../src/infra/http/openapi/openapi.js';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import { memberOf, textOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { document } from '../openapi/documented.js';
import { awayRadarr, prepare, requestTo, routeOf, UNKNOWN } from '../requests.js';

const HEADERS = ['etag', 'location', 'reellog-position', 'content-type'];

/** What of an answer is the same whenever it is given. */
const lastingOf = ({ status, text, headers }: HttpAnswer) => ({
  status,
  text,
  headers: HEADERS.map((name) => headers[name]),
});

describeOnBothLogs('An Idempotency-Key', () => {
  let reellog: RunningReellog;
  /** A token for each operation that revokes one. */
  const tokenIds = new Map<string, string>();

  before(async () => {
    reellog = await startReellog(awayRadarr);
    await prepare(reellog);
    await reellog.caughtUp();
    const { userId } = reellog.owner;
    for (const { operationId, path } of routes) {
      if (!path.includes('{tokenId}')) continue;
      const { info } = await reellog.reellog.tokens.create({ userId, name: 'to be revoked' });
      tokenIds.set(operationId, info.id);
    }
  });
  after(() => reellog.close());

  const send = (operationId: string, key: string, change: object = {}): Promise<HttpAnswer> =>
    reellog.api({
      ...requestTo(routeOf(operationId), { tokenId: tokenIds.get(operationId) ?? UNKNOWN }),
      ...change,
      headers: { 'Idempotency-Key': key },
    });
  const tokens = async (): Promise<unknown> =>
    memberOf((await reellog.api({ path: '/me/tokens' })).json, 'tokens');
  const forget = async (): Promise<void> => {
    await reellog.reellog.database.query({ text: 'delete from command_receipts' });
  };

  const changing = routes.filter(({ method }) => method !== 'get');
  // What is made first, then what takes away.
  const inOrder = [
    ...changing.filter(({ method }) => method !== 'delete'),
    ...changing.filter(({ method }) => method === 'delete'),
  ];
  for (const route of inOrder) {
    const { operationId, method, path } = route;
    describe(`of ${operationId}`, () => {
      it('gives the same answer to the same request, also to several at once', async () => {
        const key = `same-${operationId}`;
        const atOnce = [1, 2, 3].map(() => send(operationId, key));
        const first = await send(operationId, key);
        const others = await Promise.all(atOnce);
        expect(first.status, first.text).to.equal('success' in route ? route.success : 200);
        for (const answer of [...others, await send(operationId, key)]) {
          expect(lastingOf(answer)).to.deep.equal(lastingOf(first));
        }
      });

      it('is refused to any other request', async () => {
        const other = operationId === 'createLibrary' ? 'createToken' : 'createLibrary';
        for (const [key, second] of [
          [`same-${operationId}`, other],
          [`same-${other}`, operationId],
        ] as const) {
          await send(other, `same-${other}`);
          const refused = await send(second, key);
          expect(refused.status, refused.text).to.equal(409);
          expect(memberOf(refused.json, 'type')).to.equal('/problems/idempotency-key-reused');
        }
      });

      it('is documented', () => {
        const operation = memberOf(document, 'paths', `${API_BASE}${path}`, method);
        expect(JSON.stringify(memberOf(operation, 'parameters'))).to.include('IdempotencyKey');
        expect(memberOf(operation, 'responses')).to.include.keys('409');
      });
    });
  }

  describe('of a new token', () => {
    it('shows the token again to whoever made it, and makes no other', async () => {
      const before = Number(memberOf(await tokens(), 'length'));
      const body = { name: 'Kitchen', expiresInDays: 7 };
      const first = await send('createToken', 'kitchen', { body });
      const again = await send('createToken', 'kitchen', { body });
      expect(again.text).to.equal(first.text);
      expect(await tokens()).to.have.length(before + 1);
      const token = textOf(again.json, 'token');
      expect((await reellog.api({ path: '/me', token })).status).to.equal(200);
    });

    it('is refused to another body, and to another token of the same person', async () => {
      const body = { name: 'Attic' };
      const { token } = await reellog.reellog.tokens.create({
        ...{ userId: reellog.owner.userId, name: 'other', scopes: ['write'] },
      });
      expect((await send('createToken', 'attic', { body })).status).to.equal(201);
      for (const change of [{ body: { name: 'Cellar' } }, { body, token }]) {
        const refused = await send('createToken', 'attic', change);
        expect(refused.status, refused.text).to.equal(409);
        expect(memberOf(refused.json, 'type')).to.equal('/problems/idempotency-key-reused');
        expect(refused.text).not.to.include('reel_');
      }
    });

    it('is of one person: another may use the same', async () => {
      const body = { name: 'Hall' };
      const answers = [
        await send('createToken', 'hall', { body }),
        await send('createToken', 'hall', { body, token: reellog.member.token }),
      ];
      expect(answers.map(({ status }) => status)).to.deep.equal([201, 201]);
      expect(textOf(answers[0]?.json, 'id')).not.to.equal(textOf(answers[1]?.json, 'id'));
    });

    it('keeps the token where the database alone does not show it', async () => {
      const made = await send('createToken', 'secret', { body: { name: 'Secret' } });
      const [row] = await reellog.reellog.database.query<{ text: string }>({
        text: `select outcome::text as text from command_receipts where key = 'secret'`,
      });
      expect(row?.text).to.include('sealed').and.not.include('Secret');
      expect(row?.text).not.to.include(textOf(made.json, 'token').replace('reel_', ''));
    });

    it('makes another one when its receipt was forgotten', async () => {
      const first = await send('createToken', 'forgotten');
      await forget();
      const second = await send('createToken', 'forgotten', { body: { name: 'Other' } });
      expect([first.status, second.status]).to.deep.equal([201, 201]);
      expect(textOf(second.json, 'id')).not.to.equal(textOf(first.json, 'id'));
    });
  });

  it('knows a request again whose ids are written in capitals', async () => {
    const { userId } = reellog.member;
    const [first, again] = [
      await send('createToken', 'capitals', { body: { name: 'For Mia', userId } }),
      await send('createToken', 'capitals', {
        body: { name: 'For Mia', userId: userId.toUpperCase() },
      }),
    ];
    expect(first.status, first.text).to.equal(201);
    expect(again.text).to.equal(first.text);
    const revoke = (id: string) => send('revokeToken', 'revoked', { path: `/me/tokens/${id}` });
    const { info } = await reellog.reellog.tokens.create({
      userId: reellog.owner.userId,
      name: 'old',
    });
    expect((await revoke(info.id)).status).to.equal(204);
    expect((await revoke(info.id.toUpperCase())).status).to.equal(204);
  });

  it('is free again when the request was refused', async () => {
    const refused = await send('createToken', 'retried', { body: { name: '' } });
    expect(refused.status).to.equal(400);
    const unknown = await send('cancelRebuild', 'retried', { path: '/rebuilds/999999/cancel' });
    expect(unknown.status).to.equal(404);
    expect((await send('createToken', 'retried')).status).to.equal(201);
  });

  it('makes one request of many that come at once, whatever each of them asks', async () => {
    const settled = await Promise.all(
      Array.from({ length: 20 }, (_, nth) =>
        nth % 2 === 0
          ? send('createToken', 'race', { body: { name: `Token ${nth}` } })
          : send('createLibrary', 'race', { body: { name: `Library ${nth}`, kind: 'movies' } }),
      ),
    );
    const statuses = settled.map(({ status }) => status).sort();
    expect(statuses).to.deep.equal([201, ...Array<number>(19).fill(409)]);
  });

  it('is looked at where a request changes something, and nowhere else', async () => {
    const headers = { 'Idempotency-Key': 'same-createToken' };
    for (const path of ['/me/tokens', '/me', '/movies']) {
      expect((await reellog.api({ path, headers })).status).to.equal(200);
    }
  });

  it('that has the wrong form is refused with what is the right one', async () => {
    for (const key of ['', 'two words', 'k'.repeat(201), 'schlüssel']) {
      for (const operationId of ['createToken', 'rateMovie', 'requestRebuild']) {
        const refused = await send(operationId, key);
        expect(refused.status, `${operationId} ${key}`).to.equal(400);
        expect(textOf(refused.json, 'detail')).to.equal(
          'Idempotency-Key must be 1 to 200 visible ASCII characters without spaces.',
        );
      }
    }
    expect((await send('rateMovie', 'k'.repeat(200))).status).to.equal(200);
  });
});
