import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { movieStream, viewingStream } from '../../../src/domain/streams.js';
import { createPersonalKeys } from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { createPostgresEventStore } from '../../../src/infra/eventstore/postgres/postgresEventStore.js';
import { verifyLog, type LogVerification } from '../../../src/infra/eventstore/verify/verifyLog.js';
import { runCli } from '../../support/service/cliProcess.js';
import {
  openCommandProcess,
  owner,
  type CommandProcess,
} from '../../support/service/commandProcess.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { testLogger } from '../../support/run/logger.js';
import { rejection } from '../../support/deciders/rejection.js';

describe('Verifying a log', () => {
  let fresh: FreshDatabase;
  let commands: CommandProcess;
  let film: string;

  beforeEach(async () => {
    fresh = await freshDatabase();
    commands = await openCommandProcess(fresh.connectionString);
    film = (await commands.run('ImportMovie', { title: 'Rashomon' })).id;
    await commands.run('RecordWatchEvent', { movieId: film, rating: 9, note: 'In the rain' });
    await commands.run('WriteReview', { movieId: film, review: 'Who lies?' });
  });

  afterEach(async () => {
    await commands.close();
    await fresh.drop();
  });

  const verify = async (signal = new AbortController().signal): Promise<LogVerification> => {
    const log = createPostgresEventStore({ database: fresh.database, logger: testLogger });
    try {
      const personalKeys = createPersonalKeys(fresh.database);
      return await verifyLog({ log, personalKeys, signal });
    } finally {
      await log.close();
    }
  };

  /** Writes a row past the domain event store, as a restore gone wrong or a hand in the database would. */
  const smuggle = async (row: {
    readonly skip?: number;
    readonly stream?: string;
    readonly revision?: number;
    readonly type?: string;
    readonly data?: object;
    readonly version?: number;
    readonly recordedAt?: string;
  }): Promise<void> => {
    const stream = row.stream ?? movieStream(randomUUID());
    await fresh.database.query({
      text: `with head as (
               update log.head set position = position + $1 returning position
             )
             insert into log.events
             select position, $2, $3, gen_random_uuid(), $4, $5, $6, coalesce($7::timestamptz, now())
             from head`,
      values: [
        1 + (row.skip ?? 0),
        stream,
        row.revision ?? 0,
        row.type ?? 'MovieImported',
        JSON.stringify(row.data ?? { movieId: randomUUID(), title: 'Ran', sortTitle: 'Ran' }),
        JSON.stringify({
          ...{ correlationId: randomUUID(), causationId: randomUUID() },
          schemaVersion: row.version ?? 2,
        }),
        row.recordedAt ?? null,
      ],
    });
  };

  const faultsOf = async (): Promise<readonly string[]> => {
    const { first, faults } = await verify();
    expect(faults).to.equal(first.length);
    return first.map(({ fault }) => fault);
  };

  it('finds nothing wrong with what commands wrote', async () => {
    const { position, digest, ...findings } = await verify();
    expect(findings).to.deep.equal({
      ...{ events: 4, streams: 2, chained: 0, faults: 0, first: [] },
      keysMissing: { erased: [], unknown: [] },
    });
    expect(digest).to.match(/^4:[\w-]{43}$/);
    expect(position).to.equal(4n);
  });

  it('takes text whose key was destroyed for what it is, and names whose it is', async () => {
    await createPersonalKeys(fresh.database).destroy(owner.userId);
    expect(await faultsOf()).to.deep.equal([]);
    expect((await verify()).keysMissing).to.deep.equal({ erased: [owner.userId], unknown: [] });
  });

  it('names the people whose keys are not in the database', async () => {
    await fresh.database.query({ text: 'delete from personal_keys' });
    expect(await faultsOf()).to.deep.equal([]);
    expect((await verify()).keysMissing).to.deep.equal({ erased: [], unknown: [owner.userId] });
    const { code, stdout } = await runCli(['log', 'verify'], {
      DATABASE_URL: fresh.connectionString,
    });
    expect(code).to.equal(0);
    expect(stdout).to.match(
      /The keys of 1 person are not in this database, .* personal_keys .*:\n {2}\S+\n/,
    );
    expect(stdout).to.include(owner.userId);
  });

  it('finds a gap between positions', async () => {
    await smuggle({ skip: 3 });
    const { first } = await verify();
    expect(first.map(({ position, fault }) => ({ position, fault }))).to.deep.equal([
      { position: 8n, fault: 'follows position 4' },
    ]);
  });

  it('finds a hole in the revisions of a stream', async () => {
    const stream = viewingStream(owner.userId, film);
    const { events } = await commands.eventStore.readStream(stream);
    const [first] = events;
    await smuggle({ ...{ stream, type: first?.type ?? '', data: first?.data ?? {} }, revision: 7 });
    expect(await faultsOf()).to.include('has revision 7, where 3 is due');
  });

  it('finds a time that goes back', async () => {
    await smuggle({ recordedAt: '2001-01-01T00:00:00Z' });
    expect(await faultsOf()).to.deep.equal(['was recorded before the event before it']);
  });

  it('finds data that do not fit their schema, and names the field', async () => {
    await smuggle({ data: { movieId: randomUUID(), title: 7 } });
    const [fault] = await faultsOf();
    expect(fault).to.match(/^MovieImported: title must be a string/);
  });

  it('finds types and versions that are not known', async () => {
    await smuggle({ type: 'MovieEaten' });
    await smuggle({ version: 99 });
    expect(await faultsOf()).to.deep.equal([
      'is of the unknown type MovieEaten',
      'is of version 99 of MovieImported, which is not known here',
    ]);
  });

  it('finds personal text that was tampered with', async () => {
    const stream = viewingStream(owner.userId, film);
    const log = createPostgresEventStore({ database: fresh.database, logger: testLogger });
    const stored = await log.readStream(stream);
    await log.close();
    const review = stored.events.find(({ type }) => type === 'ReviewWritten');
    // Under another event's id the text does not decrypt.
    await smuggle({
      stream,
      revision: 3,
      type: 'ReviewWritten',
      data: review?.data ?? {},
      version: 1,
    });
    const [fault, ...more] = await faultsOf();
    expect(fault).to.match(/^ReviewWritten cannot be read: /);
    expect(more).to.deep.equal([]);
  });

  it('stops when it is told to', async () => {
    const stop = AbortSignal.abort(new Error('enough'));
    expect((await rejection(verify(stop), Error)).message).to.equal('enough');
  });

  it('is told by a command, in words, as JSON and by exit code', async () => {
    const settings = { DATABASE_URL: fresh.connectionString };
    const good = await runCli(['log', 'verify'], settings);
    expect(good).to.deep.equal({
      ...{ code: 0, signal: null, stderr: '' },
      stdout:
        '4 events of 2 streams up to position 4: the log is as it must be.\n' +
        `Its digest is ${(await verify()).digest}\n`,
    });
    await smuggle({ stream: movieStream(film), type: 'MovieEaten', revision: 1 });
    const bad = await runCli(['log', 'verify', '--json'], settings);
    expect(bad.code).to.equal(1);
    expect(JSON.parse(bad.stdout)).to.deep.equal({
      ...{ events: 5, streams: 2, chained: 0, position: '5', faults: 1 },
      digest: (await verify()).digest,
      keysMissing: { erased: [], unknown: [] },
      first: [
        { position: '5', stream: movieStream(film), fault: 'is of the unknown type MovieEaten' },
      ],
    });
  });
});
