import { expect } from 'chai';
import { projections } from '../../../../src/projections/projections.js';
import { reellogOn, startCli } from '../../../support/service/cliProcess.js';
import {
  openCommandProcess,
  owner,
  type CommandProcess,
} from '../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { scratchSchemas } from '../../../support/readModels/verifying.js';

describe('reellog verify', () => {
  let fresh: FreshDatabase;
  let commands: CommandProcess;
  let service: ProjectionProcess;
  let head: bigint;

  const { reellog, done, refused } = reellogOn(() => fresh.connectionString);

  before(async () => {
    fresh = await freshDatabase();
    commands = await openCommandProcess(fresh.connectionString);
    // The command makes the owner's account.
    await done('projections');
    service = await openProjectionProcess(fresh.connectionString, projections);
    service.engine.start();
    const { id } = await commands.run('ImportMovie', { title: 'Ordet' });
    await commands.run('RecordWatchEvent', { movieId: id, watched: 'now', rating: 10 });
    head = await commands.eventStore.headPosition();
    await eventually('the read models have caught up', async () => {
      const rows = await fresh.database.query({
        text: 'select from projections.checkpoints where position >= $1',
        values: [head],
      });
      return rows.length === projections.length;
    });
  });
  after(async () => {
    await service.close();
    await commands.close();
    await fresh.drop();
  });

  const linesOf = (text: string): readonly Record<string, unknown>[] =>
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);

  it('says of every read model that it is the same, with its rows and its position', async () => {
    const [text, lines] = await Promise.all([
      done('verify', '--all'),
      done('verify', '--all', '--json'),
    ]);
    const rows = text.trimEnd().split('\n');
    expect(rows).to.have.length(projections.length);
    for (const { name, version } of projections) {
      expect(rows.find((row) => row.startsWith(`${name} `))).to.match(
        new RegExp(`^${name} +same: \\d+ rows? at position ${head}$`),
      );
      const line = linesOf(lines).find(({ readModel }) => readModel === name);
      expect(line, name).to.deep.include({
        ...{ verdict: 'same', version, schema: name, position: head.toString() },
        ...{ missing: 0, surplus: 0, differs: 0, parked: 0, discarded: 0, late: 0 },
      });
    }
    expect(linesOf(lines).find(({ readModel }) => readModel === 'stats')?.rows).to.include({
      totals: 3,
    });
    expect(await scratchSchemas(fresh.database)).to.deep.equal([]);
  });

  describe('where rows differ', () => {
    before(async () => {
      await fresh.database.query({
        text: `update stats.totals set plays = 7 where period = 'all'`,
      });
      await fresh.database.query({ text: `delete from stats.totals where period <> 'all'` });
    });

    it('ends with 5, and says which, how, and what to do', async () => {
      const { code, stdout, stderr } = await reellog('verify', 'stats', 'streaks');
      expect({ code, stderr }).to.deep.equal({
        code: 5,
        stderr: 'Rows differ in stats: "reellog rebuild stats" makes them anew.\n',
      });
      const lines = stdout.split('\n');
      expect(lines).to.include(
        `stats.totals user_id=${owner.userId} period=all: plays is 7, rebuilt 1`,
      );
      expect(lines.filter((line) => line.includes(': missing; a rebuild has '))).to.have.length(2);
      expect(lines.find((line) => line.startsWith('stats  '))).to.match(
        new RegExp(`^stats    2 missing, 1 differ: \\d+ rows at position ${head}$`),
      );
      expect(lines.find((line) => line.startsWith('streaks  '))).to.match(/^streaks {2}same: /);
    });

    it('shows as many as are wanted, and counts all', async () => {
      const { code, stdout } = await reellog('verify', 'stats', '--limit', '1');
      expect(code).to.equal(5);
      const lines = stdout.trimEnd().split('\n');
      expect(lines).to.have.length(3);
      expect(lines[1]).to.equal('stats: 2 more differ (--limit 3 shows all)');
    });

    it('tells scripts the same', async () => {
      const { code, stdout } = await reellog('verify', 'stats', '--json');
      const lines = linesOf(stdout);
      expect(code).to.equal(5);
      expect(lines.slice(0, -1).map(({ kind }) => kind)).to.have.members([
        ...['differs', 'missing', 'missing'],
      ]);
      expect(lines.find(({ kind }) => kind === 'differs')).to.deep.equal({
        ...{ readModel: 'stats', table: 'totals', kind: 'differs' },
        key: { user_id: owner.userId, period: 'all' },
        columns: [{ column: 'plays', served: 7, rebuilt: 1 }],
      });
      expect(lines.at(-1)).to.deep.include({
        ...{ readModel: 'stats', verdict: 'differs', missing: 2, surplus: 0, differs: 1 },
      });
    });
  });

  it('refuses what it does not know, or nothing', async () => {
    const [unknown, none, both] = await refused(
      ['verify', 'stat'],
      ['verify'],
      ['verify', 'stats', '--all'],
    );
    expect(unknown).to.match(/^There is no projection "stat"\. There are: /);
    expect([none, both]).to.deep.equal(
      Array.from({ length: 2 }, () => 'Name the read models to verify, or say --all.\n'),
    );
  });

  it('drops what it has made when it is interrupted', async () => {
    const verifying = startCli(['verify', 'history'], { DATABASE_URL: fresh.connectionString });
    let ended: ReturnType<typeof verifying.end> | undefined;
    await fresh.database.transaction(async (tx) => {
      // It cannot come to its end while somebody else has the rows that it compares with.
      await tx.query({ text: 'lock table history.plays in access exclusive mode' });
      const waiting = () =>
        fresh.database.query({
          text: `select from pg_stat_activity where datname = current_database()
                 and wait_event_type = 'Lock' and query like 'lock table %history%'`,
        });
      await eventually('it would compare', async () => (await waiting()).length > 0);
      expect(await scratchSchemas(fresh.database)).to.have.length(1);
      ended = verifying.end('SIGINT');
      await eventually('it waits no more', async () => (await waiting()).length === 0);
    });
    const { code, stderr } = (await ended) ?? {};
    expect({ code, stderr }).to.deep.equal({
      code: 130,
      stderr: 'Interrupted: what was made anew is dropped.\n',
    });
    expect(await scratchSchemas(fresh.database)).to.deep.equal([]);
  });
});
