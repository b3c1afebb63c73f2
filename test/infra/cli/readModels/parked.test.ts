import { userInfo } from 'node:os';
import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { derivedId, libraryStream } from '../../../../src/domain/streams.js';
import { reellogOn } from '../../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { libraries } from '../../../../src/projections/libraries/libraries.js';

/** Beside a service whose read model of libraries could not be given some of the events. */
describe('reellog parked', () => {
  let fresh: FreshDatabase;
  let service: ProjectionProcess;
  let broken = true;

  const { reellog, done, refused } = reellogOn(() => fresh.connectionString);
  const libraryId = (nth: number): string => derivedId(`library ${nth}`);

  const append = async (type: string, nth: number, data: object): Promise<bigint> => {
    const stream = libraryStream(libraryId(nth));
    const metadata = { correlationId: uuidv7(), causationId: uuidv7(), schemaVersion: 1 };
    const event = { id: uuidv7(), type, data: { libraryId: libraryId(nth), ...data }, metadata };
    const options = { expectedRevision: 'any' } as const;
    const { position } = await service.eventStore.append(stream, [event], options);
    return position;
  };
  const create = (nth: number): Promise<bigint> =>
    append('LibraryCreated', nth, { name: `Library ${nth}`, kind: 'movies', paths: [] });

  /** The libraries that the read model has. */
  const names = async (): Promise<readonly string[]> => {
    const rows = await fresh.database.query<{ name: string }>({
      text: 'select name from libraries.libraries order by name',
    });
    return rows.map(({ name }) => name);
  };

  const me = `cli:${userInfo().username}`;

  before(async () => {
    fresh = await freshDatabase();
    // Makes the owner's account, whose events come first.
    await done('projections');
    const poisonous = new Set([2, 3, 4].map(libraryId));
    const poisoned: typeof libraries = {
      ...libraries,
      project: (events, tx, past) => {
        if (broken && events.some(({ data }) => poisonous.has(data.libraryId))) {
          throw new TypeError('there is no room for it');
        }
        return libraries.project(events, tx, past);
      },
    };
    service = await openProjectionProcess(fresh.connectionString, [poisoned], {
      onPoison: () => 'park',
    });
    service.engine.start();
    for (const nth of [1, 2, 3, 4]) await create(nth);
    const head = await create(5);
    await eventually('it has gone on', async () => {
      return (await service.engine.status())[0]?.position === head;
    });
    broken = false;
  });
  after(async () => {
    await service.close();
    await fresh.drop();
  });

  it('lists what is missing, "projections" counts it, and "show" tells where the error came from', async () => {
    const [text, told, shown] = await Promise.all([
      done('parked', 'list'),
      done('projections', '--json'),
      done('parked', 'show', '1'),
    ]);
    const rows = text.trimEnd().split('\n').slice(1);
    expect(rows).to.have.length(3);
    for (const row of rows) {
      expect(row).to.match(/ libraries .* parked .* there is no room for it$/);
    }
    const counts = (JSON.parse(told) as { name: string; parked: number }[])
      .filter(({ parked }) => parked > 0)
      .map(({ name, parked }) => ({ name, parked }));
    expect(counts).to.deep.equal([{ name: 'libraries', parked: 3 }]);
    expect(shown).to.include('TypeError: there is no room for it\n    at ');
    expect(shown).to.match(/engine {2}park: parked: there is no room for it/);
  });

  it('projects events late, beside the running service, tells which could not be, and records who did it', async () => {
    await fresh.database.query({
      text: `alter table libraries.libraries add constraint narrow check (name <> 'Library 3')`,
    });
    const { code, stdout } = await reellog('parked', 'retry', '--all', 'libraries', '--json');
    expect(code).to.equal(1);
    const told = JSON.parse(stdout) as { outcome: string }[];
    expect(told.map(({ outcome }) => outcome)).to.deep.equal(['applied', 'failed', 'applied']);
    expect(await names()).to.deep.equal(['Library 1', 'Library 2', 'Library 4', 'Library 5']);
    const acts = await service.parked.acts(1n);
    expect(acts.map(({ at: _, ...act }) => act).slice(1)).to.deep.equal([
      { actor: me, act: 'retry', outcome: 'applied' },
    ]);
  });

  it('discards with a reason, one that is parked and one that is not', async () => {
    const [still] = await service.parked.list();
    const position = await create(6);
    const reason = 'nobody misses it';
    const [one, other] = await Promise.all([
      done('parked', 'discard', String(still?.id), '--reason', reason),
      done('parked', 'discard', 'libraries', String(position), '--reason', reason, '--json'),
    ]);
    expect(one).to.equal(
      `${still?.id}, libraries at position ${still?.event.position}: discarded\n`,
    );
    const [told] = JSON.parse(other) as { position: string; outcome: string }[];
    expect(told).to.include({ position: String(position), outcome: 'discarded' });
    const acts = await service.parked.acts(still?.id ?? 0n);
    expect(acts.at(-1)).to.include({ actor: me, act: 'discard', detail: reason });
    const listed: unknown = JSON.parse(await done('parked', 'list', '--all', '--json'));
    expect((listed as { state: string }[]).map(({ state }) => state)).to.deep.equal([
      ...['applied', 'discarded', 'applied', 'discarded'],
    ]);
  });

  it('refuses what names nothing, and to discard without a reason', async () => {
    const said = await refused(
      ['parked', 'retry', 'films', '1'],
      ['parked', 'discard', 'libraries', '1', '--reason', 'x'],
      ['parked', 'discard', '1'],
    );
    expect(said[0]).to.include('There is no read model "films"');
    expect(said[1]).to.include('does not take events of this type');
    expect(said[2]).to.include('--reason');
  });
});
