import { expect } from 'chai';
import { projections } from '../../../../src/projections/projections.js';
import {
  runCli,
  startCli,
  startServe,
  type CliProcess,
  type ServeProcess,
} from '../../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { eventually } from '../../../support/run/eventually.js';
import {
  memberOf,
  openHttpClient,
  textOf,
  type HttpRequest,
} from '../../../support/service/httpClient.js';

const NAMES = projections.map(({ name }) => name);

/** A process that serves no API, with the address of its health. */
interface Part extends CliProcess {
  readonly url: string;
}

/** Two processes that serve the API, and others beside them that come and go, over one PostgreSQL. */
describe('reellog serve --role', () => {
  let fresh: FreshDatabase;
  let here: ServeProcess;
  let there: ServeProcess;
  let token: string | undefined;
  const serving: ServeProcess[] = [];
  const parts: Part[] = [];

  const settings = () => ({
    ...{ DATABASE_URL: fresh.connectionString, PORT: '0', REELLOG_TIMEZONE: 'UTC' },
    REELLOG_READ_LIMIT: '0',
  });

  before(async () => {
    fresh = await freshDatabase();
    here = await startServe({ ...settings(), REELLOG_ROLE: 'api' });
    serving.push(here);
    ({ token } = here);
  });
  before(async () => {
    there = await startServe({ ...settings(), REELLOG_ROLE: 'api' });
    serving.push(there);
  });
  after(async () => {
    for (const one of [...serving, ...parts]) await one.end('SIGKILL');
    await fresh.drop();
  });

  const begin = async (role: 'projector' | 'jobs'): Promise<Part> => {
    const process = startCli(['serve', '--role', role], settings());
    const found = (): string | undefined => /Health: (\S+)\/readyz\n/.exec(process.said())?.[1];
    const part = {
      ...process,
      get url() {
        return found() ?? '';
      },
    };
    parts.push(part);
    await eventually(`the ${role} is ready`, () => found() !== undefined);
    return part;
  };

  const ask = async ({ url }: { readonly url: string }, request: HttpRequest) => {
    const client = openHttpClient(url);
    try {
      return await client.send(request);
    } finally {
      client.close();
    }
  };

  const api = (server: ServeProcess, path: string, change: Partial<HttpRequest> = {}) =>
    ask(server, { path: `/api/v1${path}`, token, ...change });

  /** The states of the read models, as a process sees them. */
  const states = async (server: { readonly url: string }): Promise<readonly unknown[]> => {
    const { json } = await ask(server, { path: '/readyz' });
    return NAMES.map((name) => memberOf(json, 'projections', name, 'state'));
  };

  const leadsOf = async (projector: Part): Promise<number> =>
    (await states(projector)).filter((state) => state === 'live').length;

  /** A film is renamed through one process and read through the other, over and over: it must show at once. */
  const expectOwnWrites = async (rounds: number): Promise<void> => {
    const made = await api(here, '/movies', { method: 'POST', body: { title: 'Mirror' } });
    expect(made.status, made.text).to.equal(201);
    const path = `/movies/${textOf(made.json, 'id')}`;
    let position = textOf(made.json, 'position');
    for (let nth = 0; nth < rounds; nth += 1) {
      const [writer, reader] = nth % 2 === 0 ? [here, there] : [there, here];
      const headers = { 'Reellog-After': position };
      // What is in its cache by now is told of as changed.
      expect((await api(reader, path, { headers })).status).to.equal(200);
      const tagline = `The time is ${nth}`;
      const edited = await api(writer, path, { method: 'PATCH', body: { tagline } });
      expect(edited.status, edited.text).to.equal(200);
      position = textOf(edited.json, 'position');
      const after = { headers: { 'Reellog-After': position } };
      let answer = await api(reader, path, after);
      // On a busy machine it may take longer than an answer waits, which then says so.
      await eventually('the answer is not from before', async () => {
        if (answer.headers['reellog-stale'] === undefined) return true;
        answer = await api(reader, path, after);
        return false;
      });
      expect(memberOf(answer.json, 'tagline'), answer.text).to.equal(tagline);
    }
  };

  it('api answers and takes commands where no projector runs, and says that none does', async () => {
    for (const server of [here, there]) {
      const ready = await ask(server, { path: '/readyz' });
      expect(ready.status).to.equal(200);
      expect(memberOf(ready.json, 'unattended')).to.deep.equal(NAMES);
    }
    const told = await api(here, '/projections');
    expect(memberOf(told.json, 'unattended')).to.deep.equal(NAMES);
    const made = await api(there, '/movies', { method: 'POST', body: { title: 'Solaris' } });
    expect(made.status, made.text).to.equal(201);
  });

  it('projector keeps read models up to date for all, shows its health, and serves no API', async () => {
    const projector = await begin('projector');
    await eventually('it leads all', async () => (await leadsOf(projector)) === NAMES.length);
    expect((await ask(projector, { path: '/healthz' })).status).to.equal(200);
    expect((await ask(projector, { path: '/readyz' })).status).to.equal(200);
    const refused = await ask(projector, { path: '/api/v1/movies', token });
    expect(refused.status).to.equal(404);
    expect(memberOf(refused.json, 'detail')).to.include('REELLOG_ROLE');
    const ready = await ask(here, { path: '/readyz' });
    expect(memberOf(ready.json, 'unattended')).to.deep.equal([]);
    await expectOwnWrites(6);
  });

  it('projectors share the read models, and one takes all when the other dies', async () => {
    const [first] = parts;
    if (!first) throw new Error('there is no projector');
    const second = await begin('projector');
    await eventually('each leads half', async () => {
      const [one, other] = [await leadsOf(first), await leadsOf(second)];
      return one + other === NAMES.length && Math.abs(one - other) <= 1;
    });
    await expectOwnWrites(4);
    await first.end('SIGKILL');
    parts.splice(parts.indexOf(first), 1);
    await eventually('it takes over', async () => (await leadsOf(second)) === NAMES.length);
    await expectOwnWrites(4);
  });

  it('jobs does scheduled work and keeps a journal that every process can show', async () => {
    const jobs = await begin('jobs');
    expect((await ask(jobs, { path: '/readyz' })).status).to.equal(200);
    await eventually('it has done what was due', async () => {
      const text = `select from job_runs where outcome = 'done'`;
      return (await fresh.database.query({ text })).length === 4;
    });
    const log = await runCli(['jobs', 'log', 'forget-receipts', '--json'], settings());
    expect(memberOf(JSON.parse(log.stdout), 0)).to.include({
      ...{ job: 'forget-receipts', outcome: 'done', detail: 'deleted 0 receipts' },
    });
    const ran = await runCli(['jobs', 'run', 'forget-receipts'], settings());
    expect(ran).to.include({ code: 0, stdout: 'forget-receipts: done, deleted 0 receipts\n' });
    const { stdout } = await runCli(['jobs'], settings());
    expect(stdout).to.match(/^name +schedule +last run +outcome +what\nforget-receipts +17 3 /);
    const unknown = await runCli(['jobs', 'run', 'sweep'], settings());
    expect(unknown).to.include({ code: 2 });
    expect(unknown.stderr).to.match(/^There is no job "sweep"\. There are: forget-receipts, /);
  });

  it('ends every part in order when it is told to', async () => {
    for (const part of parts.splice(0)) {
      expect(await part.end('SIGTERM')).to.include({ code: 0, stderr: '' });
    }
  });

  it('is refused without a database that processes can share', async () => {
    const { code, stderr } = await runCli(['serve', '--role', 'projector'], {});
    expect({ code, stderr }).to.deep.equal({
      code: 2,
      stderr:
        'REELLOG_ROLE=projector needs DATABASE_URL: the embedded database belongs to one process, which does all.\n',
    });
  });
});
