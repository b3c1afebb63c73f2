import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir } from 'node:fs/promises';
import { getPriority } from 'node:os';
import { expect } from 'chai';
import type pg from 'pg';
import { endConnection } from '../../../src/infra/postgres/endConnection.js';
import { lowerSessionPriority, lowerPriority } from '../../../src/infra/postgres/lowerPriority.js';
import { SiteSession } from '../../../src/infra/readModels/rebuild/siteSession.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';

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
    // The embedded server runs as us, or as an account that we may act for; elsewhere it cannot be looked up.
    const canBeLookedUp = process.platform === 'linux';
    expect(await lowerSessionPriority(session)).to.equal(canBeLookedUp);
    expect(await ofSession()).to.equal(canBeLookedUp ? Math.min(19, before + 10) : before);
  });

  it('leaves the sessions of others where they are', async () => {
    const before = await ofPool();
    const site = await SiteSession.open(fresh.database, 'somewhere');
    try {
      await site.lowerPriority();
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
      expect(lowerPriority(child.pid)).to.equal(true);
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
    expect(lowerPriority(child.pid)).to.equal(false);
  });
});
