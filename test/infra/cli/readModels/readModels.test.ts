import { expect } from 'chai';
import { schemasOf } from '../../../../src/infra/readModels/live/servedReadModels.js';
import { projections } from '../../../../src/projections/projections.js';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import { reellogOn } from '../../../support/service/cliProcess.js';
import { openCommandProcess, owner } from '../../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { memberOf } from '../../../support/service/httpClient.js';

/** Commands that look after the read models, where no service has made them yet. */
describeOnBothLogs('reellog', () => {
  let fresh: FreshDatabase;
  let head: string;
  let events: string;

  const { done } = reellogOn(() => fresh.connectionString);

  before(async () => {
    fresh = await freshDatabase();
    // The command makes the owner's account.
    await done('projections');
    const commands = await openCommandProcess(fresh.connectionString);
    const { id } = await commands.run('ImportMovie', { title: 'Ordet' });
    await commands.run('RecordWatchEvent', { movieId: id, rating: 10 });
    const { eventStore } = commands;
    head = (await eventStore.headPosition()).toString();
    events = String((await eventStore.readAll()).events.length);
    await commands.close();
  });
  after(() => fresh.drop());

  describe('projections', () => {
    it('tells of every read model how far it is, as a table and as JSON', async () => {
      const [shown, text] = await Promise.all([done('projections'), done('projections', '--json')]);
      const expected = projections.map(({ name, version }) => ({
        ...{ name, version, schema: name, position: '0', head, lagEvents: events },
      }));
      const told = JSON.parse(text) as readonly object[];
      expect(told).to.have.length(expected.length);
      for (const one of expected) {
        expect(told.find((status) => Reflect.get(status, 'name') === one.name)).to.include(one);
      }
      const [columns, ...rows] = shown
        .trimEnd()
        .split('\n')
        // Of a log in EventStoreDB its mirror is told of first.
        .filter((line) => !line.startsWith('The log is in EventStoreDB; its mirror has '))
        .map((line) => line.split(/ {2,}/));
      expect(columns).to.deep.equal([
        ...['name', 'version', 'schema', 'position', 'lag events', 'lag s', 'parked', 'events/s'],
      ]);
      expect(rows.map((row) => row.slice(0, 5))).to.have.deep.members(
        expected.map(({ name, version }) => [name, String(version), name, '0', events]),
      );
    });
  });

  describe('rebuild', () => {
    it('makes the read models that are named from the log, and only these', async () => {
      const summary: unknown = JSON.parse(await done('rebuild', 'stats', 'streaks', '--json'));
      expect(summary).to.deep.include({ rebuilt: ['stats', 'streaks'] });
      expect(memberOf(summary, 'events')).to.equal(Number(events));
      const rows = await fresh.database.query({
        text: 'select name from projections.checkpoints where position = $1 order by name',
        values: [head],
      });
      expect(rows).to.deep.equal([{ name: 'stats' }, { name: 'streaks' }]);
      const schema = (await schemasOf(fresh.database)).get('stats') ?? '';
      const told = JSON.parse(await done('projections', '--json')) as readonly object[];
      expect(told.find((status) => Reflect.get(status, 'name') === 'stats')).to.include({ schema });
      const stats = await fresh.database.query({
        text: `select user_id, plays from ${schema}.totals where period = 'all'`,
      });
      expect(stats).to.deep.equal([{ user_id: owner.userId, plays: 1 }]);
    });
  });
});
