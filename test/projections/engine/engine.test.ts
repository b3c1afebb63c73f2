import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { LEASE_LOCK_SPACE } from '../../../src/infra/readModels/live/leaseLocks.js';
import type { Projection } from '../../../src/projections/ports/projection.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../support/readModels/projectionProcess.js';
import {
  appendLibrary,
  appendUnrelated,
  expectAllDelivered,
  libraryId,
  readDeliveries,
  readTallies,
  tallies,
} from './tallies.js';

/** Not by its last statement: after some seconds that is a sign of life. */
const HOLDS_LEASES = `pid in (select pid from pg_locks where classid = ${LEASE_LOCK_SPACE})`;

describeOnBothLogs('The projection engine', () => {
  let fresh: FreshDatabase;
  const processes: ProjectionProcess[] = [];

  const open = async (...projections: readonly Projection[]): Promise<ProjectionProcess> => {
    const opened = await openProjectionProcess(fresh.connectionString, projections);
    processes.push(opened);
    return opened;
  };

  const reached = (process: ProjectionProcess, position: bigint, name = 'tallies') =>
    eventually(`${name} reaches ${position}`, async () => {
      const status = await process.engine.status();
      return (status.find((each) => each.name === name)?.position ?? 0n) >= position;
    });

  const stateOf = async (process: ProjectionProcess, name = 'tallies') =>
    (await process.engine.status()).find((each) => each.name === name)?.worker;

  const terminate = async (where: string): Promise<number> => {
    const rows = await fresh.database.query({
      text: `select pg_terminate_backend(pid) from pg_stat_activity
             where datname = current_database() and pid <> pg_backend_pid() and ${where}`,
    });
    return rows.length;
  };

  beforeEach(async () => {
    fresh = await freshDatabase();
  });

  afterEach(async () => {
    for (const process of processes.splice(0)) await process.close();
    await fresh.drop();
  });

  it('projects what is in the log and what comes, each event once and in order', async () => {
    const here = await open(tallies());
    await appendLibrary(here.eventStore, 1, 3);
    here.engine.start();
    for (let nth = 2; nth <= 20; nth += 1) await appendLibrary(here.eventStore, nth, nth % 3);
    const head = await appendLibrary(here.eventStore, 21);
    await reached(here, head);
    await expectAllDelivered(here);
  });

  it('applies every event once although its connections are killed in the middle of transactions', async () => {
    let kill = 6;
    const here = await open(
      tallies({
        afterwards: async () => {
          if (kill > 0 && kill-- % 2 === 0) await terminate(`query ilike '%deliveries%'`);
        },
      }),
    );
    here.engine.start();
    let head = 0n;
    // What is appended quickly comes in few pages.
    for (let nth = 0; nth < 30 || (kill > 0 && nth < 1_000); nth += 1) {
      head = await appendLibrary(here.eventStore, nth, 2).catch(() => head);
      await sleep(5);
    }
    head = await here.eventStore.headPosition();
    await reached(here, head);
    expect(kill).to.equal(0);
    await expectAllDelivered(here);
  });

  it('takes nothing from a worker that was overtaken', async () => {
    const old = await open(tallies());
    const young = await open(tallies());
    const before = await old.store.prepare(tallies());
    const now = await young.store.prepare(tallies());
    expect(now.position).to.equal(before.position);
    let worked = false;
    const late = await old.store
      .advance(before, 5n, () => {
        worked = true;
        return Promise.resolve([]);
      })
      .then(
        () => 'written',
        (error: unknown) => (error as Error).name,
      );
    expect(late).to.equal('CheckpointMoved');
    expect(worked).to.equal(false);
    expect((await young.store.advance(now, 3n, () => Promise.resolve([]))).position).to.equal(3n);
  });

  it('keeps a second process as hot standby, which takes over when the first stops', async () => {
    const first = await open(tallies());
    const second = await open(tallies());
    first.engine.start();
    await reached(first, await appendLibrary(first.eventStore, 1));
    second.engine.start();
    await eventually('the second stands by', async () => {
      return (await stateOf(second))?.state === 'standby';
    });
    expect((await stateOf(first))?.state).to.equal('live');
    await first.engine.stop();
    const head = await appendLibrary(second.eventStore, 2);
    await eventually('the second is live', async () => (await stateOf(second))?.state === 'live');
    await reached(second, head);
    await expectAllDelivered(second);
  });

  it('goes on, alone and leaving nothing open, after the session that holds its locks was lost', async () => {
    const names = ['tallies', 'second_tallies', 'third_tallies'];
    const here = await open(...names.map((name) => tallies({ name })));
    here.engine.start();
    const first = await appendLibrary(here.eventStore, 1);
    for (const name of names) await reached(here, first, name);
    for (let time = 0; time < 3; time += 1) {
      // The loss before may only just have been noticed, and the next session not be there yet.
      await eventually('the session is ended', async () => {
        return (await terminate(HOLDS_LEASES)) > 0;
      });
      const head = await appendLibrary(here.eventStore, time + 2);
      for (const name of names) {
        await reached(here, head, name);
        await eventually(
          `${name} is live`,
          async () => (await stateOf(here, name))?.state === 'live',
        );
      }
    }
    for (const name of names) {
      await expectAllDelivered(here, name);
    }
    await here.close();
    processes.length = 0;
    await eventually('every connection is closed', async () => {
      const open = await fresh.database.query({
        text: `select from pg_stat_activity
               where datname = current_database() and pid <> pg_backend_pid()
                 and backend_type = 'client backend'`,
      });
      return open.length === 0;
    });
  });

  it('makes a read model anew when its version changed', async () => {
    const old = await open(tallies());
    old.engine.start();
    const head = await appendLibrary(old.eventStore, 1, 1);
    await reached(old, head);
    await old.engine.stop();
    const changed = await open({
      ...tallies({ version: 2 }),
      tables: `${tallies().tables}; create table more (id integer)`,
    });
    changed.engine.start();
    await eventually('it has caught up', async () => (await stateOf(changed))?.state === 'live');
    expect((await changed.engine.status())[0]).to.include({ version: 2, schema: 'tallies_2' });
    await expectAllDelivered(changed);
    // Beside the rows of the old version, which were served until then.
    expect(await changed.database.query({ text: 'select * from tallies_2.more' })).to.deep.equal(
      [],
    );
    expect(await readTallies(changed.database, 'tallies')).to.have.length(1);
  });

  it('never drops a schema that it did not make', async () => {
    await fresh.database.query({ text: 'create schema tallies' });
    await fresh.database.query({ text: 'create table tallies.precious (id integer)' });
    const here = await open(tallies());
    here.engine.start();
    await eventually('it says what is wrong', async () => {
      const worker = await stateOf(here);
      return worker?.state === 'failing' && worker.error.includes('tallies');
    });
    expect(await fresh.database.query({ text: 'select * from tallies.precious' })).to.deep.equal(
      [],
    );
  });

  it('lets the others go on while one read model is held up', async () => {
    const here = await open(tallies(), tallies({ name: 'others' }));
    here.engine.start();
    const first = await appendLibrary(here.eventStore, 1);
    for (const name of ['tallies', 'others']) {
      await reached(here, first, name);
      await eventually('it is live', async () => (await stateOf(here, name))?.state === 'live');
    }
    let head = 0n;
    await fresh.database.transaction(async (tx) => {
      await tx.query({ text: 'lock table tallies.tallies' });
      await appendLibrary(here.eventStore, 2);
      head = await appendLibrary(here.eventStore, 3);
      await reached(here, head, 'others');
      await expectAllDelivered(here, 'others');
    });
    await reached(here, head);
    await expectAllDelivered(here);
  });

  it('lets the others go on past an event that cannot be read', async () => {
    const removals: Projection<'LibraryRemoved'> = {
      name: 'removals',
      version: 1,
      handles: ['LibraryRemoved'],
      tables: 'create table removals (library_id uuid)',
      project: () => Promise.resolve([]),
    };
    const here = await open(tallies(), removals);
    here.engine.start();
    await reached(here, await appendLibrary(here.eventStore, 1));
    await eventually('it is live', async () => (await stateOf(here))?.state === 'live');
    // As a Reellog from before the first version would have stored it: nothing can make it new.
    await appendUnrelated(here.log, 1, 0);
    const head = await appendLibrary(here.eventStore, 2);
    await reached(here, head);
    await eventually('it is failing', async () => {
      return (await stateOf(here, 'removals'))?.state === 'failing';
    });
    await reached(here, await appendLibrary(here.eventStore, 3));
    await expectAllDelivered(here);
  });

  describe('with an event that cannot be projected', () => {
    it('says so, goes on with the other read models, and recovers when it can be', async () => {
      let broken = true;
      const here = await open(
        tallies({
          afterwards: (events) => {
            if (broken && events.some(({ data }) => data.libraryId === libraryId(2))) {
              throw new Error('cannot fold library 2');
            }
          },
        }),
        tallies({ name: 'others' }),
      );
      here.engine.start();
      await reached(here, await appendLibrary(here.eventStore, 1));
      const second = await appendLibrary(here.eventStore, 2);
      const head = await appendLibrary(here.eventStore, 3);
      await reached(here, head, 'others');
      await eventually('it says what is wrong', async () => {
        const worker = await stateOf(here);
        return worker?.state === 'failing' && worker.error === 'cannot fold library 2';
      });
      expect(await readDeliveries(here.database)).to.not.include(second);
      broken = false;
      await reached(here, head);
      await eventually('it is live', async () => (await stateOf(here))?.state === 'live');
      await expectAllDelivered(here);
    });

    it('does not try it over and over without a pause', async () => {
      let tries = 0;
      const here = await open(
        tallies({
          afterwards: () => {
            tries += 1;
            throw new Error('never');
          },
        }),
      );
      await appendLibrary(here.eventStore, 1);
      here.engine.start();
      await sleep(400);
      expect(tries).to.be.at.most(6);
      await eventually('it is tried again', () => tries >= 2);
    });

    it('rejects a rebuild, telling why', async () => {
      let broken = false;
      const here = await open(
        tallies({
          afterwards: () => {
            if (broken) throw new Error('cannot fold');
          },
        }),
      );
      here.engine.start();
      await reached(here, await appendLibrary(here.eventStore, 1));
      broken = true;
      const outcome = await here.rebuild(['tallies']).then(
        () => 'rebuilt',
        (error: unknown) => (error as Error).message,
      );
      expect(outcome).to.include('cannot fold');
    });
  });

  describe('rebuilding', () => {
    it('gives the same rows, also the second time, and resolves when they are there', async () => {
      const here = await open(tallies());
      here.engine.start();
      for (let nth = 0; nth < 50; nth += 1) await appendLibrary(here.eventStore, nth, nth % 4);
      const head = await here.eventStore.headPosition();
      await reached(here, head);
      const live = await readTallies(here.database);
      const deliveries = await readDeliveries(here.database);
      for (let time = 0; time < 2; time += 1) {
        await here.rebuild(['tallies']);
        expect(await readTallies(here.database)).to.deep.equal(live);
        expect(await readDeliveries(here.database)).to.deep.equal(deliveries);
      }
    });

    it('gives the rows of the live read model after many writers at once', async () => {
      const here = await open(tallies());
      const writers = [await open(), await open(), await open()];
      here.engine.start();
      await Promise.all(
        writers.flatMap((writer, w) =>
          Array.from({ length: 8 }, async (_, lane) => {
            for (let turn = 0; turn < 10; turn += 1) {
              await appendLibrary(writer.eventStore, w * 1_000 + lane * 100 + turn, turn % 3);
            }
          }),
        ),
      );
      // Each knows what it appended itself, before others do.
      for (const { eventStore } of writers) await reached(here, await eventStore.headPosition());
      const live = await readTallies(here.database);
      expect(live).to.have.length(240);
      await here.rebuild(['tallies']);
      expect(await readTallies(here.database)).to.deep.equal(live);
      await expectAllDelivered(here);
    });

    it('counts every event once while others append', async () => {
      const here = await open(tallies());
      here.engine.start();
      for (let nth = 0; nth < 30; nth += 1) await appendLibrary(here.eventStore, nth);
      const appending = (async () => {
        for (let nth = 30; nth < 90; nth += 1) await appendLibrary(here.eventStore, nth, 1);
      })();
      await here.rebuild(['tallies']);
      await here.rebuild(['tallies']);
      await appending;
      const head = await here.eventStore.headPosition();
      await reached(here, head);
      await expectAllDelivered(here);
    });

    it('can be done by another process while one serves, also when the log ends with other events', async () => {
      const server = await open(tallies());
      server.engine.start();
      await appendLibrary(server.eventStore, 1);
      const head = await appendUnrelated(server.eventStore, 1);
      await reached(server, head);
      await server.database.query({ text: 'delete from tallies.tallies' });
      const cli = await open(tallies());
      await cli.rebuild(['tallies']);
      const [checkpoint] = await cli.store.checkpoints();
      expect(checkpoint?.position).to.equal(head);
      expect(await readTallies(cli.database)).to.have.length(1);
      const next = await appendLibrary(server.eventStore, 2);
      await reached(server, next);
      expect(await readTallies(cli.database)).to.have.length(2);
    });

    it('works where nothing else runs', async () => {
      const cli = await open(tallies());
      const head = await appendLibrary(cli.eventStore, 1);
      await cli.rebuild(['tallies']);
      expect(await readDeliveries(cli.database)).to.deep.equal([head]);
    });
  });

  it('moves the checkpoint over events that do not concern the read model, for all to see', async () => {
    const here = await open(tallies());
    here.engine.start();
    await reached(here, await appendLibrary(here.eventStore, 1));
    const head = await appendUnrelated(here.eventStore, 1);
    await reached(here, head);
    const elsewhere = await open(tallies());
    await eventually('another process sees it', async () => {
      const [checkpoint] = await elsewhere.store.checkpoints();
      return checkpoint?.position === head;
    });
    expect((await elsewhere.engine.status())[0]?.lagEvents).to.equal(0n);
  });

  it('finishes the page in hand when it stops', async () => {
    let begun: () => void = () => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const here = await open(
      tallies({
        afterwards: async (events) => {
          if (!events.some(({ data }) => data.libraryId === libraryId(2))) return;
          begun();
          await sleep(200);
        },
      }),
    );
    here.engine.start();
    await reached(here, await appendLibrary(here.eventStore, 1));
    await eventually('it is live', async () => (await stateOf(here))?.state === 'live');
    await appendLibrary(here.eventStore, 2);
    await started;
    await here.engine.stop();
    await expectAllDelivered(here);
  });

  it('tells how far each read model is', async () => {
    const here = await open(tallies(), tallies({ name: 'others' }));
    const head = await appendLibrary(here.eventStore, 1, 4);
    const before = await here.engine.status();
    expect(before.map(({ name }) => name)).to.deep.equal(['tallies', 'others']);
    expect(before[0]).to.include({ schema: 'tallies', position: 0n, head, lagEvents: 5n });
    expect(before[0]?.lagSeconds).to.be.at.least(0);
    here.engine.start();
    await reached(here, head);
    expect((await here.engine.status())[0]).to.include({ position: head, head, lagEvents: 0n });
  });
});
