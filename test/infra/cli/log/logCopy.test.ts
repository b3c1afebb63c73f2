import { expect } from 'chai';
import {
  runCli,
  startCli,
  startServe,
  type CliResult,
} from '../../../support/service/cliProcess.js';
import { openCommandProcess } from '../../../support/service/commandProcess.js';
import { freshDatabase, freshDataDir, removeDataDir } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  contentsOf,
  eventStoreDbSide,
  postgresSide,
  writeHistory,
  type EventStoreDbSide,
  type PostgresSide,
} from '../../eventstore/copy/sides.js';

const verifiedIn = (stdout: string) =>
  (
    JSON.parse(stdout) as {
      readonly verified: { readonly events: number; readonly digests: object };
    }
  ).verified;

/** More than are sent without an answer to those before. */
const MANY = 1_300;

describe('reellog log copy', () => {
  let source: PostgresSide;
  let cluster: EventStoreDbSide;
  let events: number;
  let from: string;

  before(async () => {
    source = await postgresSide();
    await writeHistory(source.store, 120);
    events = Number(await source.store.headPosition());
    from = source.fresh.connectionString;
  });
  after(() => source.remove());

  beforeEach(async () => {
    cluster = await eventStoreDbSide();
  });
  afterEach(() => cluster.remove());

  const copy = (to: string, ...more: readonly string[]): Promise<CliResult> =>
    runCli(['log', 'copy', '--from', from, '--to', to, ...more], { DATABASE_URL: from });

  const same = async (store: Parameters<typeof contentsOf>[0]): Promise<void> => {
    expect(await contentsOf(store)).to.deep.equal(await contentsOf(source.store));
  };

  it('tells what it would do, does it, and finds nothing left to do', async () => {
    const to = cluster.double.connectionString;
    const logs = [await source.store.identify(), await cluster.store.identify()];
    const dry = await copy(to, '--dry-run');
    expect(dry).to.deep.include({ code: 0, stderr: '' });
    expect(dry.stdout).to.equal(`${events} events would be copied from ${logs.join(' to ')}.\n`);
    expect(await cluster.store.headPosition()).to.equal(0n);

    const done = await copy(to);
    expect(done).to.include({ code: 0 });
    expect(done.stdout).to.include(`Copied ${events} events from ${logs.join(' to ')}.\n`);
    const digests = [...done.stdout.matchAll(/^ {2}(?:source|target) {2}(\S+)$/gm)].map(
      ([, digest]) => digest,
    );
    expect(digests).to.have.length(2);
    expect(digests[0]).to.equal(digests[1]);
    await same(cluster.store);

    const again = await copy(to, '--json');
    expect(again).to.include({ code: 0 });
    expect(JSON.parse(again.stdout)).to.deep.equal({
      ...{ source: logs[0], target: logs[1], already: events, copied: 0 },
      verified: {
        ...{ events, digests: { source: digests[0], target: digests[0] } },
        ...{ sourceWentOn: false, keptReadModels: [] },
      },
    });
  });

  it('stops at Ctrl-C, and goes on after that and after a kill -9', async () => {
    const { records } = cluster.double.log;
    const moreThan = (least: number) =>
      eventually('something is copied', () => records.length > least);
    const none = records.length;
    const long = await postgresSide();
    try {
      await writeHistory(long.store, MANY);
      const settings = { DATABASE_URL: long.fresh.connectionString };
      const args = ['log', 'copy', '--from', settings.DATABASE_URL];
      args.push('--to', cluster.double.connectionString);

      const stopped = startCli(args, settings);
      await moreThan(none);
      const end = await stopped.end('SIGINT');
      expect(end).to.deep.include({ code: 130, stdout: '' });
      expect(end.stderr).to.equal(
        'Interrupted: the same command goes on where this one stopped.\n',
      );
      const some = records.length;

      const killed = startCli(args, settings);
      await moreThan(some);
      await killed.end('SIGKILL');

      const last = await runCli([...args, '--json'], settings);
      expect(last).to.include({ code: 0 });
      const { already, copied } = JSON.parse(last.stdout) as { already: number; copied: number };
      expect(already).to.be.above(0);
      expect(already + copied).to.equal(Number(await long.store.headPosition()));
      expect(await contentsOf(cluster.store)).to.deep.equal(await contentsOf(long.store));
    } finally {
      await long.remove();
    }
  });

  it('takes a log from an embedded database to another folder’s', async () => {
    const [old, young] = [await freshDataDir(), await freshDataDir()];
    try {
      const brought = await copy(`embedded:${old}`, '--json');
      expect(brought).to.include({ code: 0 });
      const settings = { REELLOG_DATA_DIR: old };
      const moved = await runCli(
        ['log', 'copy', '--from', 'embedded', '--to', `embedded:${young}`, '--json'],
        settings,
      );
      expect(moved).to.include({ code: 0 });
      const [there, here] = [brought, moved].map(({ stdout }) => verifiedIn(stdout));
      expect(here).to.include({ events });
      expect(here?.digests).to.deep.equal(there?.digests);
    } finally {
      await removeDataDir(old);
      await removeDataDir(young);
    }
  });

  it('refuses a log that a running service uses, with no more than a sentence', async () => {
    const target = await freshDatabase();
    try {
      const service = await startServe({ DATABASE_URL: target.connectionString });
      const result = await copy(target.connectionString);
      await service.end('SIGTERM');
      expect(result).to.deep.include({
        ...{ code: 1, stdout: '' },
        stderr:
          'A running Reellog uses the target as its log. Stop it first; nothing was written.\n',
      });
    } finally {
      await target.drop();
    }
  });

  it('brings keys and tokens to another database, and says so', async () => {
    const [one, other] = [await freshDatabase(), await freshDatabase()];
    try {
      // The command makes the owner's account and no token.
      const { code } = await runCli(['token', 'create', 'player'], {
        DATABASE_URL: one.connectionString,
      });
      expect(code).to.equal(0);
      const commands = await openCommandProcess(one.connectionString);
      const { id } = await commands.run('ImportMovie', { title: 'Ordet', imdbId: 'tt0048452' });
      await commands.run('WriteReview', { movieId: id, review: 'A miracle' });
      await commands.close();
      const moved = await runCli([
        ...['log', 'copy', '--from', one.connectionString, '--to', other.connectionString],
      ]);
      expect(moved).to.deep.include({ code: 0, stderr: '' });
      expect(moved.stdout).to.include(
        'Brought along: personal keys 2, tokens 1, receipts of commands 0, reserved names 1.\n',
      );
      expect(moved.stdout).to.match(/made anew when the service starts with the target\.\n$/);
    } finally {
      await one.drop();
      await other.drop();
    }
  });

  it('refuses addresses that mean nothing, and to make what it should copy', async () => {
    const folder = await freshDataDir();
    try {
      const results = await Promise.all([
        copy('mysql://db/reellog'),
        copy('esdb://host:2113?tsl=false'),
        copy(''),
        runCli(['log', 'copy', '--from', `embedded:${folder}`, '--to', from]),
        copy(from),
      ]);
      expect(results.map(({ code }) => code)).to.deep.equal([2, 2, 2, 2, 1]);
      const [scheme, option, empty, absent, itself] = results.map(({ stderr }) => stderr);
      expect(scheme).to.match(/^--to: /);
      expect(option).to.match(/^--to: .*tsl\.\n$/);
      expect(empty).to.include('--to must be an address');
      expect(absent).to.equal(`There is no database in ${folder} to copy from.\n`);
      expect(itself).to.match(/^The source and the target are one log/);
    } finally {
      await removeDataDir(folder);
    }
  });
});
