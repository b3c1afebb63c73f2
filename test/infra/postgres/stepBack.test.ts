import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { expect } from 'chai';
import type pg from 'pg';
import { endConnection } from '../../../src/infra/postgres/endConnection.js';
import {
  groupStepsBack,
  sessionStepsBack,
  stepBack,
} from '../../../src/infra/postgres/stepBack.js';
import { SiteSession } from '../../../src/infra/projections/siteSession.js';
import { freshDatabase, type FreshDatabase } from '../../support/database.js';

describe('Work that may take its time', () => {
  let fresh: FreshDatabase;
  let session: pg.Client;

  before(async () => {
    fresh = await freshDatabase();
    session = await fresh.database.session();
  });
  after(async () => {
    await endConnection(session);
    await fresh.drop();
  });

  const OWN_PROCESS = 'select pg_backend_pid() as pid';
  const nicenessOf = (rows: readonly { readonly pid: number }[]): number =>
    getPriority(rows[0]?.pid);
  const ofSession = async () =>
    nicenessOf((await session.query<{ pid: number }>(OWN_PROCESS)).rows);
  const ofPool = async () => nicenessOf(await fresh.database.query({ text: OWN_PROCESS }));

  it('goes behind everybody else in the process that serves its session', async () => {
    const before = await ofSession();
    // Where processes cannot be looked up, or belong to somebody else, it stays where it is.
    if (!(await sessionStepsBack(session))) {
      expect(await ofSession()).to.equal(before);
      return;
    }
    expect(await ofSession()).to.equal(Math.min(19, before + 10));
  });

  it('goes behind other sessions of processes, too, where the kernel shares the CPU among those', async () => {
    const [{ pid } = { pid: 0 }] = (await session.query<{ pid: number }>(OWN_PROCESS)).rows;
    const group = (leader: number) =>
      readFile(`/proc/${leader}/autogroup`, 'utf8').catch(() => undefined);
    const own = await group(process.pid);
    const isThere = (await group(pid)) !== undefined;
    await groupStepsBack(pid);
    if (isThere) expect(await group(pid)).to.match(/ nice 10\n$/);
    expect(await group(process.pid)).to.equal(own);
  });

  it('leaves a session of processes that another leads where it is', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const group = () => readFile('/proc/self/autogroup', 'utf8').catch(() => undefined);
    try {
      const before = await group();
      await groupStepsBack(child.pid ?? 0);
      expect(await group()).to.equal(before);
    } finally {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
  });

  it('leaves the sessions of others where they are', async () => {
    const before = await ofPool();
    const site = await SiteSession.open(fresh.database, 'somewhere');
    try {
      await site.stepBack();
      expect(await ofPool()).to.equal(before);
    } finally {
      await site.close();
    }
  });

  it('goes behind everybody else in a process', async () => {
    const program = `console.log('up'); setInterval(() => {}, 1000)`;
    const child = spawn(process.execPath, ['-e', program]);
    try {
      // One that is just beginning makes threads between the look at them and their turn.
      await once(child.stdout, 'data');
      const before = getPriority(child.pid);
      expect(stepBack(child.pid)).to.equal(true);
      // With all its threads, which on Linux are told one by one.
      const threads = await readdir(`/proc/${String(child.pid)}/task`).catch(() => [child.pid]);
      for (const thread of threads) {
        expect(getPriority(Number(thread))).to.equal(Math.min(19, before + 10));
      }
    } finally {
      const gone = once(child, 'exit');
      child.kill();
      await gone;
    }
  });

  it('stays where it is in a process that is gone', async () => {
    const child = spawn(process.execPath, ['-e', '']);
    await once(child, 'exit');
    expect(stepBack(child.pid)).to.equal(false);
  });
});
