import { expect } from 'chai';
import { routes } from '../../../../src/infra/http/routes/routes.js';
import { memberOf } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import type { BadRequest } from './badRequest.js';
import { inBodies } from './bodyFields.js';
import { toEveryRoute } from './everyRoute.js';
import { inQueryStrings } from './queryStrings.js';
import { againstRules, prepareKey } from './rules.js';
import { expectDocumented, pathOf } from '../openapi/documented.js';
import { prepare } from '../requests.js';

const table = [...toEveryRoute, ...inBodies, ...inQueryStrings, ...againstRules];

describe('Bad input', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
    expect((await reellog.api(prepareKey)).status).to.equal(200);
    await reellog.caughtUp();
  });

  after(async () => {
    await reellog.close();
  });

  /** Each is refused by a problem that says what is wrong with which field. */
  const refused = async ({ what, request, status, type, field }: BadRequest): Promise<void> => {
    const answer = await reellog.api(request);
    const { json, headers } = answer;
    const told = `${what}: ${request.method ?? 'GET'} ${request.path.slice(0, 100)} → ${answer.text}`;
    expect(answer.status, told).to.equal(status);
    expect(headers['content-type'], told).to.equal('application/problem+json; charset=utf-8');
    expect(memberOf(json, 'type'), told).to.equal(`/problems/${type}`);
    expect(memberOf(json, 'status'), told).to.equal(status);
    expect(memberOf(json, 'title'), told).to.be.a('string').that.is.not.empty;
    expect(memberOf(json, 'detail'), told).to.be.a('string').that.is.not.empty;
    if (field !== undefined) {
      expect(memberOf(json, 'errors', 0, 'field'), told).to.equal(field);
      expect(memberOf(json, 'errors', 0, 'message'), told).to.be.a('string').that.is.not.empty;
      expect(memberOf(json, 'detail'), told).to.include(field);
    }
    const path = pathOf(request.path);
    if (path !== undefined && status !== 405) {
      expectDocumented(path, request.method ?? 'GET', answer);
    }
  };

  for (const { about, cases } of table) {
    it(`${about}: ${cases.length} bad requests are refused, and nothing happens`, async () => {
      const head = await reellog.head();
      for (const one of cases) await refused(one);
      expect(await reellog.head(), 'nothing is appended').to.equal(head);
    });
  }

  it('is tried on every route, in more than 150 cases', () => {
    expect(toEveryRoute.map(({ about }) => about)).to.have.members(
      routes.map(({ operationId }) => operationId),
    );
    expect(table.flatMap(({ cases }) => cases).length).to.be.greaterThan(150);
  });

  it('has types of problems that can be looked up', async () => {
    const types = new Set(table.flatMap(({ cases }) => cases.map(({ type }) => type)));
    for (const type of types) {
      const { status, json } = await reellog.send({ path: `/problems/${type}` });
      expect(status, type).to.equal(200);
      expect(memberOf(json, 'type')).to.equal(`/problems/${type}`);
      expect(memberOf(json, 'title')).to.be.a('string').that.is.not.empty;
    }
  });
});
