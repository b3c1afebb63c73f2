import { expect } from 'chai';
import { eventually } from '../../../support/run/eventually.js';
import { memberOf, type HttpAnswer } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { DISCARDED_WORK, FAILED_WORK, prepare, WAITING_WORK } from '../requests.js';

describe('Over HTTP', () => {
  let reellog: RunningReellog;

  before(async () => {
    reellog = await startReellog();
    await prepare(reellog);
  });
  after(async () => {
    await reellog.close();
  });

  const post = (path: string): Promise<HttpAnswer> => reellog.api({ method: 'POST', path });
  const listed = async (path: string, list: string): Promise<readonly unknown[]> => {
    const found = memberOf((await reellog.api({ path })).json, list);
    return Array.isArray(found) ? (found as unknown[]) : [];
  };

  it('jobs are listed, run, and told of how they ended', async () => {
    const names = (await listed('/jobs', 'jobs')).map((job) => memberOf(job, 'name'));
    expect(names).to.include.members(['forget-receipts', 'forget-runs']);
    const asked = await post('/jobs/forget-tokens/run');
    expect(asked.status, asked.text).to.equal(202);
    expect(asked.json).to.include({ name: 'forget-tokens', schedule: '27 3 * * *' });
    await eventually('it has run', async () => {
      const [run] = await listed('/jobs/forget-tokens/runs?limit=1', 'runs');
      return run !== undefined && memberOf(run, 'outcome') === 'done';
    });
    const job = (await listed('/jobs', 'jobs')).find(
      (one) => memberOf(one, 'name') === 'forget-tokens',
    );
    expect(memberOf(memberOf(job, 'last'), 'detail')).to.equal('deleted 0 tokens');
    const unknown = await post('/jobs/weep/run');
    expect(unknown.status).to.equal(404);
    expect(unknown.text).to.include('There is no job \\"weep\\". There are: forget-receipts');
  });

  it('work is listed, tried again and discarded, but for what somebody has in hand', async () => {
    const { json } = await reellog.api({ path: '/work?failed=true' });
    expect(json).to.deep.equal({
      counts: { waiting: 2, running: 0, failed: 1 },
      work: [
        {
          ...{ id: FAILED_WORK, what: `unknown-work:${FAILED_WORK}`, state: 'failed' },
          ...{ attempts: 25, error: 'no such luck' },
        },
      ],
    });
    const retried = await post(`/work/${FAILED_WORK}/retry`);
    expect(retried.json).to.include({ id: FAILED_WORK, state: 'waiting', attempts: 0 });
    expect((await post(`/work/${DISCARDED_WORK}/discard`)).status).to.equal(204);
    expect((await post(`/work/${DISCARDED_WORK}/discard`)).status).to.equal(404);
    const { database } = reellog.reellog;
    await database.query({
      text: `update work_queue._private_jobs set locked_at = now(), locked_by = 'somebody' where id = $1`,
      values: [WAITING_WORK],
    });
    expect((await post(`/work/${WAITING_WORK}/discard`)).status).to.equal(409);
    await database.query({ text: 'update work_queue._private_jobs set attempts = max_attempts' });
    expect((await post('/work/retry')).json).to.deep.equal({ count: 1 });
    await database.query({
      text: 'update work_queue._private_jobs set attempts = max_attempts, locked_at = null, locked_by = null',
    });
    expect((await post('/work/discard')).json).to.deep.equal({ count: 2 });
    expect(await listed('/work', 'work')).to.deep.equal([]);
  });
});
