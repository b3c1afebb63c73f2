import { expect } from 'chai';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  openProjectionProcess,
  type ProjectionProcess,
} from '../../../support/readModels/projectionProcess.js';
import { appendLibrary, tallies } from '../tallies.js';

const EVENTS = 61;

describe('A read model of another version in the code', () => {
  let fresh: FreshDatabase;
  let processes: ProjectionProcess[] = [];

  beforeEach(async () => {
    fresh = await freshDatabase();
  });
  afterEach(async () => {
    await Promise.all(processes.map((process) => process.close()));
    processes = [];
    await fresh.drop();
  });

  const start = async (...given: Parameters<typeof tallies>): Promise<ProjectionProcess> => {
    const process = await openProjectionProcess(fresh.connectionString, [tallies(...given)]);
    processes.push(process);
    process.engine.start();
    return process;
  };
  const end = async (process: ProjectionProcess): Promise<void> => {
    processes = processes.filter((one) => one !== process);
    await process.close();
  };
  const served = async () => {
    const [checkpoint] = await fresh.database.query<{ version: number; schema: string }>({
      text: 'select version, schema from projections.checkpoints',
    });
    if (!checkpoint) return undefined;
    const [row] = await fresh.database.query<{ events: number }>({
      text: `select coalesce(sum(events), 0)::integer as events from ${checkpoint.schema}.tallies`,
    });
    return { ...checkpoint, events: row?.events };
  };
  const shows = (what: string, version: number, events: number) =>
    eventually(what, async () => {
      const now = await served();
      return now?.version === version && now.events === events;
    });

  it('is built in the background while the old rows serve, and gone back to with the old code', async () => {
    const old = await start();
    await appendLibrary(old.eventStore, 1, EVENTS - 1);
    await shows('the old version is there', 1, EVENTS);
    await end(old);

    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const next = await start({ version: 2, afterwards: () => held });
    try {
      await eventually('the new one is being built', async () =>
        (await next.rebuilds.underWay()).some(({ version, led }) => version === 2 && led),
      );
      expect(await served()).to.deep.equal({ version: 1, schema: 'tallies', events: EVENTS });
    } finally {
      release();
    }
    await shows('the new version is served', 2, EVENTS);
    expect((await served())?.schema).to.equal('tallies_2');
    await appendLibrary(next.eventStore, 2);
    await shows('it goes on', 2, EVENTS + 1);
    await end(next);

    await start();
    await shows('the old rows are served again, brought up to date', 1, EVENTS + 1);
    expect((await served())?.schema).to.equal('tallies');
  });

  it('is built where a rebuild of the version before was left unfinished, or is in hand elsewhere', async () => {
    const old = await start();
    await appendLibrary(old.eventStore, 1, EVENTS - 1);
    await shows('the old version is there', 1, EVENTS);
    await end(old);
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const next = await start({ version: 2 });
    await shows('the new version is served', 2, EVENTS);
    await end(next);
    // Nobody runs it: as after a crash.
    const stopped = await openProjectionProcess(fresh.connectionString, [tallies({ version: 2 })]);
    processes.push(stopped);
    await stopped.rebuilds.request([{ name: 'tallies', version: 2 }], { requestedBy: 'test' });

    const back = await start();
    await shows('the old version is served again', 1, EVENTS);
    await end(back);

    const slow = await start({ version: 3, afterwards: () => held });
    try {
      await eventually('another one is being built', async () =>
        (await slow.rebuilds.underWay()).some(({ version, led }) => version === 3 && led),
      );
      const last = await start({ version: 4 });
      await eventually('it was asked to give way', async () =>
        (await last.rebuilds.list()).some(
          ({ version, state, cancelRequested }) =>
            version === 3 && (cancelRequested || state === 'cancelled'),
        ),
      );
    } finally {
      release();
    }
    await shows('the last version is served', 4, EVENTS);
  });
});
