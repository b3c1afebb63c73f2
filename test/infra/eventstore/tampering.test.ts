import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { viewingStream } from '../../../src/domain/streams.js';
import { linkOf } from '../../../src/infra/eventstore/hashChain.js';
import { createPersonalKeys } from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { verifyLog, type LogVerification } from '../../../src/infra/eventstore/verify/verifyLog.js';
import { runCli } from '../../support/service/cliProcess.js';
import {
  openCommandProcess,
  owner,
  type CommandProcess,
} from '../../support/service/commandProcess.js';
import type { OpenedStore } from './contract/log.js';
import { postgresLog, type PostgresLog } from './postgres/postgresLog.js';

/** Somebody who may do everything in the database, and changes what happened. */
describe('A log that was tampered with', () => {
  let postgres: PostgresLog;
  let raw: OpenedStore;
  let commands: CommandProcess;
  let film: string;
  let stream: string;

  // Position 1 is the film, 2 to 6 are one stream: watched, rated, favourite, rated, reviewed.
  beforeEach(async () => {
    postgres = await postgresLog();
    raw = postgres.open();
    commands = await openCommandProcess(postgres.connectionString, { hashChain: true });
    film = (await commands.run('ImportMovie', { title: 'Rashomon' })).id;
    stream = viewingStream(owner.userId, film);
    await commands.run('RecordWatchEvent', { movieId: film, rating: 9 });
    await commands.run('AddToFavorites', { movieId: film });
    await commands.run('RateMovie', { movieId: film, rating: 8 });
    await commands.run('WriteReview', { movieId: film, review: 'Who lies?' });
    await sql('alter table log.events disable trigger all');
  });

  afterEach(async () => {
    await commands.close();
    await raw.close();
    await postgres.remove();
  });

  const sql = async (text: string, values: readonly unknown[] = []): Promise<void> => {
    await postgres.database.query({ text, values });
  };

  const verify = (expectedDigest?: string): Promise<LogVerification> =>
    verifyLog({
      ...{ log: raw.store, personalKeys: createPersonalKeys(postgres.database) },
      ...(expectedDigest === undefined ? {} : { expectedDigest }),
      signal: new AbortController().signal,
    });

  const faultsOf = async (expectedDigest?: string) => {
    const { first } = await verify(expectedDigest);
    return first.map(({ position, fault }) => `${position} ${fault}`);
  };

  const unfit = (position: number) => `${position} does not fit the hash chain of its stream`;
  const unhashed = (position: number) => `${position} has no hash, in a stream with a hash chain`;

  const remove = async (position: number): Promise<void> => {
    await sql('delete from log.events where position = $1', [position]);
    // As if it had never been there.
    await sql(
      `update log.events set position = position - 1, revision = revision - 1 where position > $1`,
      [position],
    );
    await sql('update log.head set position = position - 1');
  };

  it('is as it must be before that, and all its events are in chains', async () => {
    expect(await verify()).to.deep.include({ events: 6, chained: 6, faults: 0, first: [] });
  });

  it('is found out when data were changed, at that event', async () => {
    await sql(
      `update log.events set data = replace(data::text, '"rating":8', '"rating":2')::json
       where position = 5`,
    );
    expect(await faultsOf()).to.deep.equal([unfit(5)]);
  });

  it('is found out when somebody else is made to have done it', async () => {
    await sql(
      `update log.events set metadata = replace(metadata::text, $1, $2)::json where position = 3`,
      [owner.userId, randomUUID()],
    );
    expect(await faultsOf()).to.deep.equal([unfit(3)]);
  });

  it('is found out when two events changed places', async () => {
    await sql('update log.events set recorded_at = (select recorded_at from log.head)');
    await sql('update log.events set position = -position, revision = 99 where position = 4');
    await sql('update log.events set position = 4, revision = 2 where position = 5');
    await sql('update log.events set position = 5, revision = 3 where position = -4');
    expect(await faultsOf()).to.deep.equal([unfit(4), unfit(5), unfit(6)]);
  });

  it('is found out when an event was taken out', async () => {
    await remove(4);
    expect(await faultsOf()).to.deep.equal([unfit(4), unfit(5)]);
  });

  it('is found out when an event was put in, with a hash or without', async () => {
    const shift = 'update log.events set position = position + $1, revision = revision + $1';
    await sql(`${shift} where position > 4`, [100]);
    await sql(`${shift} where position > 4`, [-99]);
    await sql('update log.head set position = position + 1');
    await sql(
      `insert into log.events
       select 5, stream, 3, gen_random_uuid(), type, data, metadata, recorded_at
       from log.events where position = 4`,
    );
    expect(await faultsOf()).to.deep.equal([unfit(5), unfit(6), unfit(7)]);
    await strip(5);
    expect(await faultsOf()).to.deep.equal([unhashed(5), unfit(6), unfit(7)]);
  });

  const strip = (from: number, to = from) =>
    sql(
      `update log.events set metadata = (metadata::jsonb - 'hash')::json
       where position between $1 and $2`,
      [from, to],
    );

  it('is found out when hashes were taken away, to hide a change or for nothing', async () => {
    await strip(4);
    expect(await faultsOf()).to.deep.equal([unhashed(4)]);
    await strip(5, 6);
    expect(await faultsOf()).to.deep.equal([unhashed(4), unhashed(5), unhashed(6)]);
  });

  /** Writes all links of the stream anew, which takes no secret. */
  const linkAnew = async (): Promise<void> => {
    const { events } = await raw.store.readStream(stream);
    let previous: string | undefined;
    for (const event of events) {
      previous = linkOf(previous, event);
      await sql('update log.events set metadata = $2 where position = $1', [
        event.position,
        JSON.stringify({ ...event.metadata, hash: previous }),
      ]);
    }
  };

  it('is not found out by the chain alone where its end is gone or all of it was written anew, but by a digest', async () => {
    const { digest } = await verify();
    await sql(
      `update log.events set data = replace(data::text, '"rating":8', '"rating":2')::json
       where position = 5`,
    );
    await linkAnew();
    expect(await faultsOf()).to.deep.equal([]);
    expect(await faultsOf(digest)).to.deep.equal([
      `6 up to here is not the log that had the digest ${digest}`,
    ]);
    await remove(6);
    expect(await faultsOf()).to.deep.equal([]);
    expect(await faultsOf(digest)).to.deep.equal(['5 ends after 5 of 6 events']);
  });

  it('is told by a digest also where there are no chains, and when it was long ago', async () => {
    const before = await openCommandProcess(postgres.connectionString);
    await before.run('ImportMovie', { title: 'Ran' });
    const { digest } = await verify();
    await before.run('ImportMovie', { title: 'Ikiru' });
    await before.close();
    expect(await verify(digest)).to.deep.include({ events: 8, chained: 6, faults: 0 });
    await sql(
      "update log.events set recorded_at = recorded_at - interval '1 ms' where position = 7",
    );
    const { first } = await verify(digest);
    expect(first.map(({ fault }) => fault)).to.include(
      `up to here is not the log that had the digest ${digest}`,
    );
  });

  it('is told by the command', async () => {
    const settings = { DATABASE_URL: postgres.connectionString };
    const { digest } = await verify();
    const good = await runCli(['log', 'verify', '--expect', digest], settings);
    expect(good).to.include({ code: 0, stderr: '' });
    expect(good.stdout).to.match(/^6 events .* position 6, 6 of them in hash chains: the log is/);
    expect(good.stdout).to.match(new RegExp(`\nIts digest is ${digest}\n$`));
    await remove(6);
    const bad = await runCli(['log', 'verify', '--expect', digest], settings);
    expect(bad.code).to.equal(1);
    expect(bad.stdout).to.match(/: 1 fault\.\n {2}5 \(the log\): ends after 5 of 6 events\n$/);
    const nonsense = await runCli(['log', 'verify', '--expect', '6'], settings);
    expect(nonsense.code).to.equal(2);
    expect(nonsense.stderr).to.match(/not a digest/);
  });
});
