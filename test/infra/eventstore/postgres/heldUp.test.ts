import { expect } from 'chai';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import {
  openTwoProcesses,
  type CommandProcess,
  type TwoProcesses,
} from '../../../support/service/commandProcess.js';
import { eventually } from '../../../support/run/eventually.js';
import { rejection } from '../../../support/deciders/rejection.js';

/** Another transaction holds the row that every append must lock. */
describe('Commands, while the log in PostgreSQL is held up,', () => {
  let both: TwoProcesses;
  let here: CommandProcess;

  before(async () => {
    both = await openTwoProcesses();
    ({ here } = both);
  });
  after(() => both.close());

  const newFilm = async (): Promise<string> =>
    (await here.run('ImportMovie', { title: 'Solaris' })).id;

  const holdUp = async () => {
    const session = await here.database.session();
    await session.query('begin; select * from log.head for update');
    return session;
  };

  const failureOf = async (work: Promise<unknown>) =>
    (await rejection(work, EventStoreError)).failure;

  it('let go at once of a caller that leaves', async () => {
    const film = await newFilm();
    const session = await holdUp();
    const leaving = new AbortController();
    const work = here.run('AddToFavorites', { movieId: film }, { signal: leaving.signal });
    const failure = failureOf(work);
    await eventually('the append waits', async () => {
      const rows = await both.fresh.database.query({
        text: `select from pg_stat_activity
               where datname = current_database() and wait_event_type = 'Lock'`,
      });
      return rows.length > 0;
    });
    leaving.abort();
    expect(await failure).to.deep.equal({ kind: 'aborted' });
    await session.end();
  });

  it('let go at once of a caller that leaves while others are ahead, and go on with those behind', async () => {
    const film = await newFilm();
    const session = await holdUp();
    const leaving = new AbortController();
    const first = here.run('RecordWatchEvent', { movieId: film });
    const second = here.run('RecordWatchEvent', { movieId: film }, { signal: leaving.signal });
    const third = here.run('RecordWatchEvent', { movieId: film });
    leaving.abort('enough');
    expect(await failureOf(second)).to.deep.equal({ kind: 'aborted' });
    await session.end();
    expect(await first).to.include({ revision: 0n });
    expect(await third).to.include({ revision: 1n });
  });

  it('can be waited for, until none runs', async () => {
    const film = await newFilm();
    const session = await holdUp();
    const work = here.run('AddToFavorites', { movieId: film });
    expect(await here.commands.idle(20)).to.equal(1);
    await session.end();
    expect(await here.commands.idle(60_000)).to.equal(0);
    await work;
  });
});
