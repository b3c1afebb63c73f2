import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { runCli, type CliResult } from '../../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { rejection } from '../../../support/deciders/rejection.js';
import {
  startRestorableServer,
  type RestorableServer,
} from '../../eventstore/mirror/restorableServer.js';

interface Verified {
  readonly digest: string;
  readonly server: {
    readonly digest: string;
    readonly faults: number;
    readonly first: readonly { readonly fault: string }[];
  };
}

describe('The mirror of a log in EventStoreDB, on the command line', () => {
  let server: RestorableServer;
  let fresh: FreshDatabase;

  beforeEach(async () => {
    server = await startRestorableServer();
    fresh = await freshDatabase();
  });
  afterEach(async () => {
    await fresh.drop();
    await server.close();
  });

  const start = (): Promise<RunningReellog> =>
    startReellog({ databaseUrl: fresh.connectionString, eventStoreUrl: server.connectionString });
  const cli = (...args: readonly string[]): Promise<CliResult> =>
    runCli(args, {
      DATABASE_URL: fresh.connectionString,
      REELLOG_EVENTSTORE_URL: server.connectionString,
    });
  const add = async (reellog: RunningReellog, title: string): Promise<string> => {
    const answer = await reellog.api({ method: 'POST', path: '/movies', body: { title } });
    expect(answer.status).to.equal(201);
    return (answer.json as { readonly id: string }).id;
  };
  const verified = async (): Promise<Verified & { readonly code: number | null }> => {
    const { code, stdout } = await cli('log', 'verify', '--json');
    return { ...(JSON.parse(stdout) as Verified), code };
  };

  it('is built again from a server that lost a part of its past, and the read models after it', async () => {
    const first = await start();
    await add(first, 'Ikiru');
    const backup = await server.backup();
    await add(first, 'Ran');
    await first.caughtUp();
    const refused = await cli('log', 'mirror', '--anew');
    expect(refused.code).to.equal(1);
    expect(refused.stderr).to.include('A running Reellog keeps the mirror. Stop it first');
    await first.close();
    expect((await cli('log', 'mirror')).stdout).to.include('nobody keeps it now');

    await server.restore(backup);
    expect((await rejection(start(), EventStoreError)).failure.kind).to.equal('past-gone');
    const { code, server: found } = await verified();
    expect({ code, faults: found.faults }).to.deep.equal({ code: 1, faults: 1 });
    expect(found.first[0]?.fault).to.equal('is not on the server any more');

    const built = await cli('log', 'mirror', '--anew');
    expect(built.code).to.equal(0);
    expect(built.stdout).to.match(/^The mirror was built again from \d+ events\./);
    const checkpoints = await fresh.database.query({
      text: 'select from projections.checkpoints where position > 0',
    });
    expect(checkpoints, 'read models are made anew').to.deep.equal([]);
    await (await start()).close();
    const same = await verified();
    expect(same).to.include({ code: 0, digest: same.server.digest });
  });

  it('is held against the server by "log verify", which lists the streams that were cut there', async () => {
    const reellog = await start();
    const id = await add(reellog, 'Ikiru');
    const edit = { method: 'PATCH', path: `/movies/${id}`, body: { runtimeMinutes: 143 } } as const;
    expect((await reellog.api(edit)).status).to.equal(200);
    await reellog.caughtUp();
    await reellog.close();
    const whole = await cli('log', 'verify');
    expect(whole.code).to.equal(0);
    const [, digest] = /Its digest is (\S+)\n/.exec(whole.stdout) ?? [];
    expect(whole.stdout).to.include(
      `The server has the same, but for what was cut there. Its digest is ${digest}`,
    );

    const client = EventStoreDBClient.connectionString(server.connectionString);
    await client.setStreamMetadata(`movie-${id}`, { truncateBefore: 1 });
    await client.dispose();
    const cut = await cli('log', 'verify');
    expect(cut.code).to.equal(0);
    expect(cut.stdout)
      .to.include('1 of its streams were cut there; the mirror has them whole')
      .and.to.include(`  movie-${id}: truncated`);
  });

  it('is not made of another log by a setting that has changed, until an operator says so', async () => {
    const first = await start();
    await add(first, 'Ikiru');
    await first.close();
    await server.restore();
    const { failure, message } = await rejection(start(), EventStoreError);
    expect(failure.kind).to.equal('past-gone');
    expect(message).to.include('another log').and.to.include('REELLOG_EVENTSTORE_URL');
    const mirrors = await fresh.database.query({ text: 'select server from log.mirrors' });
    expect(mirrors).to.have.length(1);
  });
});
