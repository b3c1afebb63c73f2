import { expect } from 'chai';
import { OWNER_ID } from '../../../../../src/infra/auth/owner.js';
import { createRebuildStore } from '../../../../../src/infra/readModels/rebuild/rebuildStore.js';
import {
  isUnderWay,
  type Rebuild,
  type RebuildStore,
} from '../../../../../src/projections/ports/rebuildStore.js';
import { projections } from '../../../../../src/projections/projections.js';
import { reellogOn, startCli, type CliProcess } from '../../../../support/service/cliProcess.js';
import { openCommandProcess } from '../../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../../support/postgres/database.js';
import { eventually } from '../../../../support/run/eventually.js';
import { memberOf, textOf } from '../../../../support/service/httpClient.js';
import { seedWatches } from '../../../../support/histories/seededHistory.js';
import { appendLibrary } from '../../../../projections/engine/tallies.js';

/** So few events a second that a rebuild does not end while other commands start, however long they take. */
const CRAWL = '2';

/** Rebuilds from the command line, where no service runs. */
describe('reellog rebuild', function () {
  // Rebuilds go behind everybody else: on a busy machine they get next to nothing of it.
  this.timeout(300_000);
  let fresh: FreshDatabase;
  let rebuilds: RebuildStore;
  let started: CliProcess[] = [];

  const { reellog, refused } = reellogOn(() => fresh.connectionString);
  /** A rebuild that takes its time tells of its progress on standard error. */
  const done = async (...args: readonly string[]): Promise<string> => {
    const { code, stdout, stderr } = await reellog(...args);
    expect(code, stderr).to.equal(0);
    return stdout;
  };

  before(async () => {
    fresh = await freshDatabase();
    rebuilds = createRebuildStore(fresh.database);
    // The command makes the owner's account.
    await done('projections');
    const commands = await openCommandProcess(fresh.connectionString);
    await seedWatches(commands.eventStore, OWNER_ID, 300);
    await appendLibrary(commands.eventStore, 1, 300);
    await commands.close();
    await done('rebuild', '--all');
  });
  after(() => fresh.drop());
  afterEach(async () => {
    await Promise.all(started.map((process) => process.end('SIGKILL')));
    started = [];
    for (const { name } of await rebuilds.underWay()) {
      await eventually('nobody works on it', async () => !(await newest(name)).led);
      await rebuilds.cancel(name);
    }
  });

  const newest = async (name: string): Promise<Rebuild> => {
    const rebuild = (await rebuilds.list()).find((one) => one.name === name);
    if (!rebuild) throw new Error(`there is no rebuild of ${name}`);
    return rebuild;
  };
  const start = (...args: readonly string[]): CliProcess => {
    const process = startCli(['rebuild', ...args], { DATABASE_URL: fresh.connectionString });
    started.push(process);
    return process;
  };
  /** Starts a rebuild that will not end by itself soon, and waits until it is at work. */
  const crawling = async (name: string): Promise<{ process: CliProcess; rebuild: Rebuild }> => {
    const process = start(name, '--throttle', CRAWL);
    await eventually(`${name} is being replayed`, async () => {
      const rebuild = await newest(name);
      return rebuild.led && rebuild.state === 'replaying' && rebuild.events > 0n;
    });
    return { process, rebuild: await newest(name) };
  };
  const served = async (name: string): Promise<{ schema: string; position: bigint }> => {
    const [row] = await fresh.database.query<{ schema: string; position: bigint }>({
      text: 'select schema, position from projections.checkpoints where name = $1',
      values: [name],
    });
    if (!row) throw new Error(`${name} is not served`);
    return row;
  };
  const schemas = async (name: string): Promise<readonly string[]> => {
    const rows = await fresh.database.query<{ nspname: string }>({
      text: `select nspname from pg_namespace where nspname ~ ('^' || $1 || '(_[0-9]+)?$') order by 1`,
      values: [name],
    });
    return rows.map(({ nspname }) => nspname);
  };

  it('makes rows in a schema of their own, serves them, and keeps the rows of before', async () => {
    const before = await served('stats');
    const summary: unknown = JSON.parse(await done('rebuild', 'stats', 'streaks', '--json'));
    expect(summary).to.have.keys(['rebuilt', 'events', 'seconds', 'eventsPerSecond']);
    expect(memberOf(summary, 'rebuilt')).to.deep.equal(['stats', 'streaks']);
    expect(memberOf(summary, 'events')).to.be.greaterThan(100);
    const now = await served('stats');
    expect(now.schema).not.to.equal(before.schema);
    expect(now.position).to.equal(before.position);
    expect(await schemas('stats')).to.deep.equal([before.schema, now.schema].sort());
  });

  it('says in words what it did', async () => {
    expect(await done('rebuild', 'ratings')).to.match(
      /^Rebuilt ratings from \d+ events in [\d.]+ s \(\d+\/s\)\.\n$/,
    );
    const status = await done('rebuild', '--status');
    expect(status).to.match(/read model +version +state/);
    expect(status).to.match(/ratings +\d+ +served/);
    const listed = JSON.parse(await done('rebuild', 'ratings', '--status', '--json')) as object[];
    expect(new Set(listed.map((one) => memberOf(one, 'name')))).to.deep.equal(new Set(['ratings']));
    expect(textOf(listed, 0, 'requestedBy')).to.match(/^cli:./);
  });

  it('goes on with the same rebuild after kill -9', async () => {
    const { process, rebuild } = await crawling('history');
    const before = await served('history');
    await process.end('SIGKILL');
    await eventually('nobody works on it', async () => !(await newest('history')).led);
    expect(await done('rebuild', 'history', '--status')).to.match(/no process works on it/);
    expect(await served('history')).to.deep.equal(before);
    await done('rebuild', 'history', '--throttle', 'off');
    expect(await newest('history')).to.deep.include({ id: rebuild.id, state: 'served' });
    expect((await served('history')).schema).to.equal(rebuild.schema);
  });

  it('says when it is interrupted that it will go on, and how to give it up', async () => {
    const { process, rebuild } = await crawling('history');
    const { code, stderr } = await process.end('SIGINT');
    expect(code).to.equal(130);
    expect(stderr).to.match(/goes on from its last checkpoint.*--cancel/s);
    expect(await newest('history')).to.deep.include({ id: rebuild.id, led: false });
    expect(isUnderWay(await newest('history'))).to.equal(true);
  });

  it('looks on where another process rebuilds already, and takes up what that leaves', async () => {
    const { process, rebuild } = await crawling('history');
    const second = start('history', '--json');
    await eventually('the second one says so', () =>
      second.said().includes('Another process is rebuilding history'),
    );
    await process.end('SIGKILL');
    expect(await done('rebuild', 'history', '--throttle', 'off', '--detach')).to.match(
      /Asked for: history/,
    );
    const { code, stdout } = await second.ended;
    expect(code, second.said()).to.equal(0);
    expect(memberOf(JSON.parse(stdout), 'rebuilt')).to.deep.equal(['history']);
    expect(await newest('history')).to.deep.include({ id: rebuild.id, state: 'served' });
  });

  it('is throttled and let go while it runs, from anywhere', async () => {
    const { process, rebuild } = await crawling('history');
    expect(rebuild.eventsPerSecond).to.equal(Number(CRAWL));
    await done('rebuild', 'history', '--throttle', '30', '--detach');
    expect(await newest('history')).to.include({ eventsPerSecond: 30, state: 'replaying' });
    await done('rebuild', 'history', '--throttle', 'off', '--detach');
    expect((await process.ended).code).to.equal(0);
    expect(await newest('history')).to.deep.include({ id: rebuild.id, state: 'served' });
  });

  it('is cancelled from anywhere: what it made is dropped, and what is served stays', async () => {
    const before = await served('libraries');
    const kept = await schemas('libraries');
    const { process, rebuild } = await crawling('libraries');
    expect(await done('rebuild', 'libraries', '--cancel')).to.match(/Cancelled: libraries\./);
    const { code, stdout, stderr } = await process.ended;
    expect({ code, stdout }).to.deep.equal({ code: 1, stdout: '' });
    expect(stderr).to.match(/The rebuild of libraries was cancelled\.\n$/);
    expect(await newest('libraries')).to.deep.include({ id: rebuild.id, state: 'cancelled' });
    expect(await served('libraries')).to.deep.equal(before);
    expect(await schemas('libraries')).to.deep.equal(kept);
    const nothing = await reellog('rebuild', 'libraries', '--cancel');
    expect(nothing).to.deep.include({
      ...{ code: 1, stdout: '', stderr: 'No rebuild is under way: libraries.\n' },
    });
    expect(await done('rebuild', '--all', '--cancel')).to.equal('No rebuild is under way.\n');
  });

  it('goes back to the rows of before and forth again, until they are dropped', async () => {
    const first = await served('accounts');
    await done('rebuild', 'accounts');
    const second = await served('accounts');
    expect(await done('rebuild', 'accounts', '--roll-back')).to.match(/^Rolled back accounts /);
    expect(await served('accounts')).to.deep.equal(first);
    await done('rebuild', 'accounts', '--roll-back');
    expect(await served('accounts')).to.deep.equal(second);
    expect(await done('rebuild', 'accounts', '--drop-previous')).to.match(/Dropped/);
    expect(await schemas('accounts')).to.deep.equal([second.schema]);
    const back = await reellog('rebuild', 'accounts', '--roll-back');
    expect(back.code).to.equal(1);
    expect(back.stderr).to.match(/nothing to go back to/);
    const again = await reellog('rebuild', 'accounts', '--drop-previous');
    expect(again).to.deep.include({ code: 1, stdout: '' });
    expect(await served('accounts')).to.deep.equal(second);
  });

  it('refuses options that do not go together, and throttles that are none', async () => {
    const [together, status, drop, nothing, fast, none] = await refused(
      ['rebuild', 'stats', '--cancel', '--roll-back'],
      ['rebuild', 'stats', '--status', '--detach'],
      ['rebuild', 'stats', '--drop-previous', '--throttle', '5'],
      ['rebuild', 'stats', '--throttle', '0'],
      ['rebuild', 'stats', '--throttle', 'fast'],
      ['rebuild', '--cancel'],
    );
    for (const said of [together, status, drop]) expect(said).to.match(/cannot be used with/);
    for (const said of [nothing, fast]) expect(said).to.match(/not a number of events a second/);
    expect(none).to.match(/Name the read models/);
  });

  it('has served every read model, each once', async () => {
    const all = await rebuilds.list();
    for (const { name } of projections) {
      const states = all.filter((rebuild) => rebuild.name === name).map(({ state }) => state);
      expect(
        states.filter((state) => state === 'served'),
        name,
      ).to.have.length(1);
      expect(states.filter((state) => state === 'retired').length, name).to.be.at.most(1);
    }
  });
});
