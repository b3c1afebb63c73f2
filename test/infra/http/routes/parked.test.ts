import { expect } from 'chai';
import { memberOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { DISCARDED_PARKED, PARKED, prepare, RETRIED_PARKED } from '../requests.js';

describe('Parked events over HTTP', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
    await reellog.caughtUp();
  });
  after(async () => {
    await reellog.close();
  });

  const act = (id: string, what: string, body?: object): Promise<HttpAnswer> =>
    reellog.api({ method: 'POST', path: `/parked/${id}/${what}`, ...(body ? { body } : {}) });
  const lastAct = ({ json }: HttpAnswer): unknown => {
    const acts = memberOf(json, 'acts');
    return Array.isArray(acts) ? (acts as unknown[]).at(-1) : undefined;
  };
  const listed = async (): Promise<readonly unknown[]> => {
    const parked = memberOf((await reellog.api({ path: '/parked' })).json, 'parked');
    return Array.isArray(parked) ? parked.map((one: unknown) => memberOf(one, 'id')) : [];
  };

  it('are counted, projected late once, and discarded with a reason, by whom is recorded', async () => {
    const actor = `user:${reellog.owner.userId}`;
    expect(await listed()).to.deep.equal([PARKED, DISCARDED_PARKED, RETRIED_PARKED]);
    const projections = await reellog.api({ path: '/projections' });
    expect(projections.text).to.match(/"name":"libraries",[^{}]*"parked":1/);

    const retried = await act(RETRIED_PARKED, 'retry');
    expect(retried.status, retried.text).to.equal(200);
    expect(retried.json).to.include({ state: 'applied', attempts: 5 });
    expect(lastAct(retried)).to.include({ actor, act: 'retry', outcome: 'applied' });
    const again = await act(RETRIED_PARKED, 'retry');
    expect(again.status).to.equal(409);
    expect(again.text).to.include('It is not parked, or not any more.');

    const discarded = await act(DISCARDED_PARKED, 'discard', { reason: 'of no use' });
    expect(discarded.json).to.include({ state: 'discarded' });
    expect(lastAct(discarded)).to.include({ actor, act: 'discard', detail: 'of no use' });
    expect((await act(DISCARDED_PARKED, 'discard', { reason: 'twice' })).status).to.equal(409);
    expect(await listed()).to.deep.equal([PARKED]);
  });

  it('of a read model that there is not any more are not projected', async () => {
    const answer = await act(PARKED, 'retry');
    expect(answer.status).to.equal(409);
    expect(answer.text).to.include('does not take events of this type');
  });
});
