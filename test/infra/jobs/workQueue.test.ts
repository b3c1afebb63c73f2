import { expect } from 'chai';
import { once } from 'node:events';
import { createQueuedWork } from '../../../src/infra/jobs/queue/waitingWork.js';
import { task } from '../../../src/infra/jobs/queue/task.js';
import { openWorkQueue, type OpenWorkQueue } from '../../../src/infra/jobs/queue/workQueue.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';

type Enrich = (about: { readonly movieId: string }, signal: AbortSignal) => Promise<string>;

/** The ids of films by a letter. */
const idOf = (letter: string): string => `0000000${letter}-0000-4000-8000-000000000000`;
const film = (letter: string) => ({ kind: 'enrich-movie', movieId: idOf(letter) }) as const;

describe('The work queue', () => {
  let fresh: FreshDatabase;
  const opened: OpenWorkQueue[] = [];

  before(async () => {
    fresh = await freshDatabase();
  });

  after(async () => {
    await fresh.drop();
  });

  afterEach(async () => {
    await Promise.all(opened.splice(0).map((queue) => queue.close()));
  });

  const opening = async (enrich: Enrich = () => Promise.resolve('done')) => {
    const { connectionString, database } = fresh;
    const tasks = [task('enrich-movie', enrich)];
    const queue = await openWorkQueue({ connectionString, database, logger: testLogger, tasks });
    opened.push(queue);
    return queue;
  };

  it('keeps work until somebody does it, once where it was added twice', async () => {
    const adding = await opening();
    await adding.add([film('a'), film('b'), film('a')]);
    await adding.add([film('b')]);
    const done: string[] = [];
    const doing = await opening(({ movieId }) => {
      done.push(movieId);
      return Promise.resolve('done');
    });
    await doing.start();
    await adding.add([film('c')]);
    await eventually('the last is done', () => done.includes(idOf('c')));
    expect(done.toSorted()).to.deep.equal(['a', 'b', 'c'].map(idOf));
  });

  it('stops what is in hand when it is closed; like all that fails, it is done again later', async () => {
    let begun = false;
    const stopped = await opening(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          begun = true;
          signal.addEventListener('abort', () => {
            reject(new Error('stopped'));
          });
        }),
    );
    await stopped.start();
    await stopped.add([film('e')]);
    await eventually('it is begun', () => begun);
    await stopped.close();
    opened.splice(0);
    let done = false;
    const next = await opening(() => {
      done = true;
      return Promise.resolve('done');
    });
    await next.start();
    await eventually('it is done', () => done);
  });

  it('does work again whose process died, and leaves alone what another has in hand', async () => {
    const { database } = fresh;
    const begun: string[] = [];
    const here = await opening(async ({ movieId }, signal) => {
      begun.push(movieId);
      await once(signal, 'abort');
      throw new Error('stopped');
    });
    await here.start();
    await here.add([film('a')]);
    await eventually('the first is in hand', () => begun.includes(idOf('a')));
    // As its process left it, some time ago.
    await here.add([film('b')]);
    await eventually('the second is in hand', () => begun.includes(idOf('b')));
    await database.query({
      text: `update work_queue._private_jobs
             set locked_at = now() - interval '1 minute',
                 locked_by = case when key = $1 then 'pool-of-the-dead' else locked_by end`,
      values: [`enrich-movie:${idOf('b')}`],
    });
    const next = await opening(({ movieId }) => {
      begun.push(movieId);
      return Promise.resolve('done');
    });
    await next.start();
    await next.add([film('c')]);
    // By whoever comes to it.
    await eventually('what was left is begun again', () => begun.length === 4);
    expect(begun.toSorted()).to.deep.equal(['a', 'b', 'b', 'c'].map(idOf));
  });
});

describe('Work that failed', () => {
  let fresh: FreshDatabase;
  let queue: OpenWorkQueue;

  before(async () => {
    fresh = await freshDatabase();
  });

  after(async () => {
    await queue.close();
    await fresh.drop();
  });

  it('is shown, tried again and taken out by an operator', async () => {
    const { connectionString, database } = fresh;
    const queued = createQueuedWork(database);
    const all = { failed: false, limit: 20 };
    expect(await queued.list(all)).to.deep.equal([]);
    expect(await queued.retry(undefined)).to.equal(0);
    expect([...(await queued.counts()).values()]).to.deep.equal([0, 0, 0]);
    queue = await openWorkQueue({
      ...{ connectionString, database, logger: testLogger },
      tasks: [],
    });
    await queue.add(['a', 'b', 'c'].map(film));
    const [first, second] = await queued.list(all);
    await database.query({
      text: `select work_queue.permanently_fail_jobs(array[$1, $2]::bigint[], 'no such luck')`,
      values: [String(first?.id), String(second?.id)],
    });
    const failed = await queued.list({ failed: true, limit: 20 });
    expect(failed.map(({ what, state, error }) => [what, state, error])).to.deep.equal([
      [`enrich-movie:${idOf('a')}`, 'failed', 'no such luck'],
      [`enrich-movie:${idOf('b')}`, 'failed', 'no such luck'],
    ]);
    expect(Object.fromEntries(await queued.counts())).to.deep.equal({
      ...{ waiting: 1, running: 0, failed: 2 },
    });
    expect(await queued.discard([first?.id ?? 0n, 999_999n])).to.equal(1);
    expect(await queued.retry(undefined)).to.equal(1);
    const left = await queued.list(all);
    expect(left.map(({ what, state, attempts }) => [what, state, attempts])).to.have.deep.members([
      [`enrich-movie:${idOf('b')}`, 'waiting', 0],
      [`enrich-movie:${idOf('c')}`, 'waiting', 0],
    ]);
    expect(await queued.discard([])).to.equal(0);
  });
});
