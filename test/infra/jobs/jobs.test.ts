import { expect } from 'chai';
import { once } from 'node:events';
import { randomUUID } from 'node:crypto';
import type { Job } from '../../../src/infra/jobs/job.js';
import { createRebuildStore } from '../../../src/infra/readModels/rebuild/rebuildStore.js';
import { createScratchSites } from '../../../src/infra/readModels/scratch/scratchSites.js';
import { createJobs, UnknownJob, type Jobs } from '../../../src/infra/jobs/jobs.js';
import { createQueuedWork } from '../../../src/infra/jobs/queue/waitingWork.js';
import { openWorkQueue, type OpenWorkQueue } from '../../../src/infra/jobs/queue/workQueue.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';
import { rejection } from '../../support/deciders/rejection.js';

const DAY_MS = 86_400_000;
/** On leap days. */
const SELDOM = '0 0 29 2 *';
const { signal: unbounded } = new AbortController();

const job = (change: Partial<Job> = {}): Job => ({
  name: 'sweep',
  meaning: 'sweeps',
  schedule: SELDOM,
  ...{ everyMs: DAY_MS, limitMs: 60_000 },
  run: () => Promise.resolve('swept'),
  ...change,
});

describe('Jobs', () => {
  let fresh: FreshDatabase;
  const open: Jobs[] = [];

  beforeEach(async () => {
    fresh = await freshDatabase();
  });
  afterEach(async () => {
    for (const jobs of open.splice(0)) await jobs.stop();
    await fresh.drop();
  });

  /** As one process has them. */
  const jobsOf = (...jobs: readonly Job[]): Jobs => {
    const opened = createJobs({
      ...{ database: fresh.database, logger: testLogger, receiptDays: 30, retiredDays: 7 },
      rebuilds: createRebuildStore(fresh.database),
      scratch: createScratchSites(fresh.database, testLogger),
      ...(jobs.length > 0 ? { jobs } : {}),
    });
    open.push(opened);
    return opened;
  };

  const outcomes = async (jobs: Jobs): Promise<readonly unknown[]> =>
    (await jobs.runs({ limit: 100 })).map(({ outcome, detail }) => [outcome, detail]);

  it('delete receipts that are older than retries are promised to be safe, and no others', async () => {
    const userId = randomUUID();
    await fresh.database.query({
      text: `insert into command_receipts (user_id, key, fingerprint, created_at)
             select $1, 'key ' || n, '', now() - n * interval '6 seconds' - interval '29 days 23 hours'
             from generate_series(1, 6600) n`,
      values: [userId],
    });
    const jobs = jobsOf();
    const count = async () =>
      (
        await fresh.database.query<{ kept: number }>({
          text: `select count(*)::int as kept from command_receipts`,
        })
      )[0]?.kept;
    expect(await count()).to.equal(6_600);
    const ran = await jobs.run('forget-receipts', unbounded);
    // An hour has 600 times six seconds; a second or two went by.
    const kept = Number(await count());
    expect(kept).to.be.within(590, 600);
    expect(ran).to.deep.equal({
      ...{ ran: true, outcome: 'done', detail: `deleted ${6_600 - kept} receipts` },
    });
  });

  it('delete tokens that ended long ago, but nobody’s newest', async () => {
    const [one, other] = [randomUUID(), randomUUID()];
    const insert = (userId: string, name: string, created: string, ended: string | null) =>
      fresh.database.query({
        text: `insert into api_tokens (id, user_id, name, scopes, hash, created_at, expires_at)
               values ($1, $2, $3, '{read}', decode($4, 'hex'), $5, $6)`,
        values: [
          ...[randomUUID(), userId, name, randomUUID().replaceAll('-', '')],
          ...[created, ended],
        ],
      });
    const yesterday = new Date(Date.now() - DAY_MS).toISOString();
    await insert(one, 'ended long ago', '2020-01-01', '2020-02-01');
    await insert(one, 'ended yesterday', '2020-01-02', yesterday);
    await insert(one, 'never ends', '2020-01-03', null);
    await insert(one, 'newest', '2021-01-01', '2021-01-02');
    await insert(other, 'only one', '2020-01-01', '2020-02-01');
    const ran = await jobsOf().run('forget-tokens', unbounded);
    expect(ran).to.have.property('detail', 'deleted 1 tokens');
    const left = await fresh.database.query<{ name: string }>({
      text: 'select name from api_tokens order by name',
    });
    expect(left.map(({ name }) => name)).to.deep.equal([
      ...['ended yesterday', 'never ends', 'newest', 'only one'],
    ]);
  });

  it('forget what they did in the end', async () => {
    await fresh.database.query({
      text: `insert into job_runs (job, due_at, started_at, ended_at, outcome, process)
             values ('sweep', '2020-01-01', '2020-01-01', '2020-01-01', 'done', 'here/1')`,
    });
    const jobs = jobsOf();
    expect(await jobs.run('forget-runs', unbounded)).to.have.property('detail', 'deleted 1 runs');
    expect((await jobs.runs({ limit: 10 })).map((run) => run.job)).to.deep.equal(['forget-runs']);
  });

  it('drop rows that were replaced by a rebuild so long ago that nobody goes back to them', async () => {
    const { database } = fresh;
    await database.query({
      text: `insert into projections.builds (name, version, schema, state, requested_by, updated_at)
             values ('stats', 1, 'stats_2', 'retired', 'a test', now() - interval '7 days'),
                    ('streaks', 1, 'streaks_2', 'retired', 'a test', now() - interval '6 days')`,
    });
    const killed = 'verify_stats_0123456789ab';
    for (const schema of ['stats_2', 'streaks_2', killed]) {
      await database.query({ text: `create schema ${schema}` });
    }
    const jobs = jobsOf();
    expect(await jobs.run('forget-builds', unbounded)).to.include({ detail: 'dropped stats_2' });
    const left = await database.query({
      text: `select nspname from pg_namespace where nspname in ('stats_2', 'streaks_2', $1)`,
      values: [killed],
    });
    expect(left).to.deep.equal([{ nspname: 'streaks_2' }]);
    const again = await jobs.run('forget-builds', unbounded);
    expect(again).to.include({ detail: 'dropped nothing' });
  });

  it('are run by one process at a time', async () => {
    const release = new EventTarget();
    let runs = 0;
    const slow = job({
      run: async () => {
        runs += 1;
        await once(release, 'go');
        return 'done at last';
      },
    });
    const [here, there] = [jobsOf(slow), jobsOf(slow)];
    const first = here.run('sweep', unbounded);
    await eventually('it runs', () => runs === 1);
    expect(await there.run('sweep', unbounded)).to.deep.equal({ ran: false, why: 'running' });
    const [status] = await there.list();
    expect(status?.last).to.include({ job: 'sweep' }).and.not.have.property('outcome');
    release.dispatchEvent(new Event('go'));
    expect(await first).to.include({ ran: true, outcome: 'done' });
    expect(runs).to.equal(1);
  });

  it('are run once for each time they are due, however many processes there are', async () => {
    let runs = 0;
    const often = job({
      schedule: '* * * * * *',
      run: () => Promise.resolve(`run ${(runs += 1)}`),
    });
    const processes = [jobsOf(often), jobsOf(often), jobsOf(often)];
    for (const one of processes) one.start();
    const [first] = processes;
    await eventually(
      'three times',
      async () => ((await first?.runs({ limit: 9 })) ?? []).length > 3,
    );
    for (const one of open.splice(0)) await one.stop();
    const rows = await fresh.database.query({ text: 'select distinct due_at from job_runs' });
    expect(runs).to.equal(rows.length);
  });

  it('that were due while nobody was there are run at the start, others are not', async () => {
    const done: string[] = [];
    const noting = (name: string) =>
      job({
        name,
        run: () => {
          done.push(name);
          return Promise.resolve('noted');
        },
      });
    await jobsOf(noting('lately')).run('lately', unbounded);
    const jobs = jobsOf(noting('never'), noting('lately'), noting('long ago'));
    await jobs.run('long ago', unbounded);
    await fresh.database.query({
      text: `update job_runs set started_at = now() - interval '2 days' where job = 'long ago'`,
    });
    done.length = 0;
    jobs.start();
    await eventually('both are done', async () => (await jobs.runs({ limit: 9 })).length === 4);
    await jobs.stop();
    expect(done.sort()).to.deep.equal(['long ago', 'never']);
  });

  it('are stopped when they take too long, or when the process stops, and say so', async () => {
    const untilAborted = async (signal: AbortSignal): Promise<string> => {
      if (!signal.aborted) await once(signal, 'abort');
      throw new Error('aborted');
    };
    const long = jobsOf(job({ limitMs: 20, run: untilAborted }));
    expect(await long.run('sweep', unbounded)).to.include({ ran: true, outcome: 'timed-out' });
    const stopped = jobsOf(job({ run: untilAborted }));
    const running = stopped.run('sweep', unbounded);
    await eventually('it runs', async () => (await stopped.runs({ limit: 9 })).length === 2);
    await stopped.stop();
    expect(await running).to.include({ ran: true, outcome: 'stopped' });
    expect((await outcomes(long)).map((run) => (run as unknown[])[0])).to.deep.equal([
      ...['stopped', 'timed-out'],
    ]);
  });

  it('that fail say why, and are run again when they are due', async () => {
    let fails = true;
    const jobs = jobsOf(
      job({
        run: () => (fails ? Promise.reject(new Error('no broom')) : Promise.resolve('swept')),
      }),
    );
    await jobs.run('sweep', unbounded);
    fails = false;
    await jobs.run('sweep', unbounded);
    expect(await outcomes(jobs)).to.deep.equal([
      ['done', 'swept'],
      ['failed', 'no broom'],
    ]);
  });

  it('whose process died are told of as lost by whoever runs them next', async () => {
    await fresh.database.query({
      text: `insert into job_runs (job, due_at, process) values ('sweep', now(), 'elsewhere/7')`,
    });
    const jobs = jobsOf(job());
    await jobs.run('sweep', unbounded);
    expect(await outcomes(jobs)).to.deep.equal([
      ['done', 'swept'],
      ['lost', undefined],
    ]);
  });

  it('are known by name', async () => {
    const jobs = jobsOf(job());
    const { message } = await rejection(jobs.run('weep', unbounded), UnknownJob);
    expect(message).to.equal('There is no job "weep". There are: sweep.');
    await rejection(jobs.runs({ job: 'weep', limit: 1 }), UnknownJob);
  });
});

describe('Jobs where there is a queue', () => {
  let fresh: FreshDatabase;
  let jobs: Jobs;
  let queue: OpenWorkQueue;
  let tries = 0;

  before(async () => {
    fresh = await freshDatabase();
    const { database, connectionString } = fresh;
    jobs = createJobs({
      ...{ database, logger: testLogger, receiptDays: 30, retiredDays: 7 },
      rebuilds: createRebuildStore(database),
      scratch: createScratchSites(database, testLogger),
      jobs: [],
      others: [
        job({
          run: () =>
            (tries += 1) === 1 ? Promise.reject(new Error('no broom')) : Promise.resolve('swept'),
        }),
      ],
      queue: () => queue,
    });
    queue = await openWorkQueue({
      ...{ database, connectionString, logger: testLogger },
      tasks: [jobs.task],
    });
  });
  after(async () => {
    await queue.close();
    await jobs.stop();
    await fresh.drop();
  });

  it('wait in it when they are due, and are tried again when they fail', async () => {
    jobs.request('sweep');
    const queued = createQueuedWork(fresh.database);
    const work = () => queued.list({ failed: false, limit: 9 });
    await eventually('it waits', async () => (await work()).length === 1);
    expect((await work())[0]?.what).to.match(/^run-job:sweep:20/);
    await queue.start();
    await eventually('it is done at last', async () => (await work()).length === 0);
    expect((await jobs.runs({ limit: 9 })).map(({ outcome }) => outcome)).to.deep.equal([
      ...['done', 'failed'],
    ]);
    // Of another process whose clock said so a moment later.
    const { dueAt } = (
      await fresh.database.query<{ dueAt: Date }>({
        text: `select due_at as "dueAt" from job_runs where outcome = 'done'`,
      })
    )[0] ?? { dueAt: new Date() };
    const again = { job: 'sweep', dueAt: dueAt.toISOString() };
    expect(await jobs.task.run(again, unbounded, queue)).to.equal('done-already');
    expect(tries).to.equal(2);
  });
});
