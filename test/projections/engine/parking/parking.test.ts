import { expect } from 'chai';
import type { PoisonPolicy } from '../../../../src/projections/ports/parking.js';
import type { Projection } from '../../../../src/projections/ports/projection.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import {
  appendLibrary,
  appendUnrelated,
  expectAllDelivered,
  libraryId,
  readDeliveries,
  tallies,
} from '../tallies.js';

describe('A read model that meets an event that cannot be projected', () => {
  let fresh: FreshDatabase;
  const processes: ProjectionProcess[] = [];

  const open = async (
    projections: readonly Projection[],
    onPoison: (name: string) => PoisonPolicy = () => 'park',
    pageSize = 100,
  ): Promise<ProjectionProcess> => {
    const opened = await openProjectionProcess(fresh.connectionString, projections, {
      onPoison,
      pageSize,
    });
    processes.push(opened);
    return opened;
  };

  beforeEach(async () => {
    fresh = await freshDatabase();
  });

  afterEach(async () => {
    for (const process of processes.splice(0)) await process.close();
    await fresh.drop();
  });

  /** Tallies that cannot take the libraries of these numbers. */
  const poisonedBy = (
    libraries: readonly number[],
    change: { readonly name?: string; readonly error?: () => Error } = {},
  ) => {
    const poisonous = new Set(libraries.map(libraryId));
    const { error = () => new Error('cannot fold it'), ...others } = change;
    let tries = 0;
    const projection = tallies({
      ...others,
      afterwards: (events) => {
        if (!events.some(({ data }) => poisonous.has(data.libraryId))) return;
        tries += 1;
        throw error();
      },
    });
    return {
      projection,
      tries: () => tries,
      cure: () => {
        poisonous.clear();
      },
    };
  };

  const statusOf = async ({ engine }: ProjectionProcess, name = 'tallies') => {
    const found = (await engine.status()).find((status) => status.name === name);
    if (!found) throw new Error(`there is no status of ${name}`);
    return found;
  };

  const reached = (process: ProjectionProcess, position: bigint, name = 'tallies') =>
    eventually(`${name} reaches ${position}`, async () => {
      return (await statusOf(process, name)).position >= position;
    });

  /** Libraries with these numbers, one event each, in the order given. @returns their positions */
  const append = async (
    { eventStore }: ProjectionProcess,
    ...numbers: readonly number[]
  ): Promise<readonly bigint[]> => {
    const positions: bigint[] = [];
    for (const nth of numbers) positions.push(await appendLibrary(eventStore, nth));
    return positions;
  };

  const numbers = (from: number, to: number): readonly number[] =>
    Array.from({ length: to - from + 1 }, (_, nth) => from + nth);

  it('sets aside this event alone, wherever in a page it is, and has all the others in its rows', async () => {
    const poisonous = [1, 9, 20];
    const here = await open([poisonedBy(poisonous).projection], () => 'park', 20);
    const positions = await append(here, ...numbers(1, 30));
    here.engine.start();
    await reached(here, positions.at(-1) ?? 0n);
    const parked = await here.parked.list({ projection: 'tallies' });
    expect(parked.map(({ event }) => event.position)).to.deep.equal(
      poisonous.map((nth) => positions[nth - 1]),
    );
    expect(await readDeliveries(here.database)).to.deep.equal(
      positions.filter((_, nth) => !poisonous.includes(nth + 1)),
    );
    expect((await statusOf(here)).parked).to.equal(3);
  });

  it('keeps the error, the event, the version, the attempts and the times of what it set aside', async () => {
    const cause = new RangeError('no such shelf');
    const error = () => new Error('cannot fold \0 it', { cause });
    const here = await open([poisonedBy([2], { error }).projection]);
    const [, position] = await append(here, 1, 2);
    here.engine.start();
    await reached(here, position ?? 0n);
    const event = await placeOf(here, 2);
    const [parked, ...others] = await here.parked.list();
    expect(others).to.deep.equal([]);
    expect(parked).to.deep.include({
      ...{ projection: 'tallies', version: 1, state: 'parked', attempts: 4 },
      error: 'cannot fold \uFFFD it',
      event: {
        ...{ id: event.id, type: 'LibraryCreated', stream: `library-${libraryId(2)}` },
        ...{ revision: 0n, position, recordedAt: event.recordedAt },
      },
    });
    expect(parked?.detail).to.include('RangeError: no such shelf').and.include('at ');
    expect(parked?.firstFailedAt).to.be.at.most(parked?.lastFailedAt ?? 0);
    const acts = await here.parked.acts(parked?.id ?? 0n);
    expect(acts.map(({ at, ...act }) => ({ ...act, dated: at instanceof Date }))).to.deep.equal([
      {
        ...{ actor: 'engine', act: 'park', outcome: 'parked', dated: true },
        detail: 'cannot fold \uFFFD it',
      },
    ]);
  });

  it('tries it a bounded number of times, and then never again', async () => {
    const poison = poisonedBy([1]);
    const here = await open([poison.projection]);
    here.engine.start();
    await reached(here, (await append(here, 1))[0] ?? 0n);
    // As a part of its page, and then by itself.
    expect(poison.tries()).to.be.within(3, 7);
    const tries = poison.tries();
    await reached(here, (await append(here, 2, 3)).at(-1) ?? 0n);
    expect(poison.tries()).to.equal(tries);
    await eventually('it is live', async () => (await statusOf(here)).worker.state === 'live');
  });

  it('has it in its rows where one of the attempts succeeds', async () => {
    let tries = 0;
    const here = await open([
      tallies({
        afterwards: () => {
          tries += 1;
          if (tries <= 4) throw new Error('not yet');
        },
      }),
    ]);
    const positions = await append(here, 1);
    here.engine.start();
    await reached(here, positions[0] ?? 0n);
    await expectAllDelivered(here);
    expect(await here.parked.list({ settled: true })).to.deep.equal([]);
  });

  it('does not hold up the others that are fed with it', async () => {
    const poison = poisonedBy([2]);
    const here = await open([poison.projection, tallies({ name: 'others' })]);
    here.engine.start();
    for (const name of ['tallies', 'others']) {
      await eventually(`${name} is live`, async () => {
        return (await statusOf(here, name)).worker.state === 'live';
      });
    }
    const positions = await append(here, 1, 2, 3);
    await reached(here, positions[2] ?? 0n, 'others');
    await expectAllDelivered(here, 'others');
    await reached(here, positions[2] ?? 0n);
    const [after] = await append(here, 4);
    await reached(here, after ?? 0n);
    expect(await readDeliveries(here.database)).to.deep.equal([
      ...[positions[0], positions[2], after],
    ]);
    const { parked } = await statusOf(here, 'others');
    expect(parked).to.equal(0);
  });

  it('stops where it is told to, with everything before the event in its rows, and no other with it', async () => {
    const poison = poisonedBy([3]);
    const other = poisonedBy([3], { name: 'others' });
    const here = await open([poison.projection, other.projection], (name) =>
      name === 'tallies' ? 'stop' : 'park',
    );
    const positions = await append(here, ...numbers(1, 5));
    here.engine.start();
    await reached(here, positions[4] ?? 0n, 'others');
    await eventually('it has stopped at the event', async () => {
      const { worker } = await statusOf(here);
      return (
        worker.state === 'failing' &&
        worker.error.startsWith(`LibraryCreated at position ${positions[2]} of library-`) &&
        worker.error.endsWith('cannot be projected: cannot fold it')
      );
    });
    expect(await readDeliveries(here.database)).to.deep.equal(positions.slice(0, 2));
    expect((await here.parked.list()).map(({ projection }) => projection)).to.deep.equal([
      'others',
    ]);
    poison.cure();
    await reached(here, positions[4] ?? 0n);
    await expectAllDelivered(here);
  });

  it('stops where too many events in a row cannot be projected: then it is the read model that is wrong', async () => {
    const poison = poisonedBy(numbers(1, 15));
    const here = await open([poison.projection]);
    await append(here, ...numbers(1, 15));
    here.engine.start();
    await eventually('it has stopped', async () => {
      const { worker, parked } = await statusOf(here);
      const isAtEvent = worker.state === 'failing' && worker.error.includes('cannot be projected');
      return parked === 10 && isAtEvent;
    });
    poison.cure();
    await eventually('it goes on', async () => (await statusOf(here)).lagEvents === 0n);
    expect(await here.parked.list()).to.have.length(10);
    expect(await readDeliveries(here.database)).to.have.length(5);
  });

  it('blames no event for what the database says of itself, of a transaction or of a table', async () => {
    const codes = { deadlock: '40P01', no_table: '42P01', cancelled: '57014' };
    const poisons = Object.entries(codes).map(([name, code]) =>
      poisonedBy([1], {
        name,
        error: () => Object.assign(new Error('of the database'), { code }),
      }),
    );
    const here = await open(poisons.map(({ projection }) => projection));
    const positions = await append(here, 1, 2);
    here.engine.start();
    await eventually('each is tried more often than what is parked', () =>
      poisons.every(({ tries }) => tries() >= 5),
    );
    expect(await here.parked.list()).to.deep.equal([]);
    for (const { cure } of poisons) cure();
    for (const name of Object.keys(codes)) {
      await reached(here, positions[1] ?? 0n, name);
      await expectAllDelivered(here, name);
    }
  });

  it('sets aside an event that cannot be read, while those that do not want it take no notice', async () => {
    const removals: Projection<'LibraryRemoved'> = {
      name: 'removals',
      version: 1,
      handles: ['LibraryRemoved'],
      tables: 'create table removals (library_id uuid primary key)',
      project: async (events, tx) => {
        for (const { data } of events) {
          await tx.query({ text: 'insert into removals values ($1)', values: [data.libraryId] });
        }
        return [];
      },
    };
    const here = await open([tallies(), removals]);
    here.engine.start();
    for (const name of ['tallies', 'removals']) {
      await eventually(`${name} is live`, async () => {
        return (await statusOf(here, name)).worker.state === 'live';
      });
    }
    // As a Reellog from before the first version would have stored it: nothing can make it new.
    const position = await appendUnrelated(here.log, 1, 0);
    const head = await appendUnrelated(here.eventStore, 2);
    await append(here, 3);
    await reached(here, head, 'removals');
    const [parked] = await here.parked.list();
    expect(parked).to.deep.include({ projection: 'removals', attempts: 4 });
    expect(parked?.event).to.include({ position, type: 'LibraryRemoved' });
    expect(parked?.error).to.include('has no upcaster from version 0');
    const rows = await here.database.query({ text: 'select * from removals.removals' });
    expect(rows).to.deep.equal([{ library_id: libraryId(2) }]);
    await expectAllDelivered(here);
  });

  it('has what it set aside in its rows when it is made anew and the event can be projected since', async () => {
    const poison = poisonedBy([1]);
    const here = await open([poison.projection]);
    here.engine.start();
    await reached(here, (await append(here, 1, 2))[1] ?? 0n);
    poison.cure();
    await here.rebuild(['tallies']);
    await expectAllDelivered(here);
    const [parked, ...others] = await here.parked.list({ settled: true });
    expect(others).to.deep.equal([]);
    expect(parked).to.include({ state: 'rebuilt' });
    const acts = await here.parked.acts(parked?.id ?? 0n);
    expect(acts.map(({ act }) => act)).to.deep.equal(['park', 'rebuild']);
  });

  it('leaves out what is discarded, live and when it is made anew', async () => {
    const poison = poisonedBy([1, 3]);
    const here = await open([poison.projection], () => 'stop');
    const positions = await append(here, 1, 2, 3);
    here.engine.start();
    const discard = async (nth: number) => {
      await here.parked.leaveOut(poison.projection, await placeOf(here, nth), {
        ...{ actor: 'test', reason: 'it is of no use' },
      });
    };
    await discard(1);
    await reached(here, positions[1] ?? 0n);
    await discard(3);
    await reached(here, positions[2] ?? 0n);
    expect(await readDeliveries(here.database)).to.deep.equal([positions[1]]);
    poison.cure();
    await here.rebuild(['tallies']);
    expect(await readDeliveries(here.database)).to.deep.equal([positions[1]]);
    const places = await Promise.all([placeOf(here, 1), placeOf(here, 3)]);
    expect(await here.parked.discarded('tallies')).to.deep.equal(
      new Set(places.map(({ id }) => id)),
    );
  });
});

/** The creation of a library. */
const placeOf = async ({ eventStore }: ProjectionProcess, nth: number) => {
  const { events } = await eventStore.readStream(`library-${libraryId(nth)}`);
  const [event] = events;
  if (!event) throw new Error(`library ${nth} was not created`);
  return event;
};
