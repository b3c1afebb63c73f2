import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { isAlive } from '../../../src/infra/postgres/leftovers.js';
import { startServe, type ServeProcess } from '../../support/cliProcess.js';
import { freshDataDir, removeDataDir } from '../../support/database.js';
import { eventually } from '../../support/eventually.js';
import { memberOf, openHttpClient, textOf, type HttpClient } from '../../support/httpClient.js';
import { postgresOf } from '../../support/outage.js';

/** Watches of one film that a client tried to record while things were killed. */
interface Try {
  readonly playId: string;
  /** Where the log has it, by the service's own word; `undefined` when it never got an answer. */
  position?: string;
}

const CONNECTIONS = 8;

/** Clients that record watches all the time, each under a key, and try again until they are told to stop. */
const recording = (client: HttpClient, token: string, path: string) => {
  const tries: Try[] = [];
  const unexpected: string[] = [];
  const stop = new AbortController();
  const record = async (one: Try): Promise<void> => {
    while (!stop.signal.aborted) {
      try {
        const { status, text, json } = await client.send({
          ...{ method: 'POST', path, token, body: { playId: one.playId } },
          headers: { 'Idempotency-Key': `key-${one.playId}` },
        });
        if (status === 201) {
          one.position = textOf(json, 'position');
          return;
        }
        if (status !== 503) unexpected.push(text);
      } catch {
        // Whether it was heard is found out by asking again.
      }
      await sleep(20);
    }
  };
  const lanes = Array.from({ length: CONNECTIONS }, async () => {
    while (!stop.signal.aborted) {
      const one: Try = { playId: randomUUID() };
      tries.push(one);
      await record(one);
    }
  });
  return {
    tries,
    unexpected,
    accepted: () => tries.filter(({ position }) => position !== undefined),
    stop: async () => {
      stop.abort();
      await Promise.all(lanes);
    },
  };
};

describe('After kill -9', () => {
  let dataDir: string;
  let serving: ServeProcess;
  let client: HttpClient;
  let token: string;
  let film: string;
  let position: string;
  /** Everything that was ever accepted, and everything that may have been. */
  const accepted = new Map<string, string>();
  const tried = new Set<string>();

  before(async () => {
    dataDir = await freshDataDir();
    serving = await startServe({ REELLOG_DATA_DIR: dataDir });
    token = serving.token ?? '';
    client = openHttpClient(serving.url);
    const answer = await client.send({
      ...{ method: 'POST', path: '/api/v1/movies', token, body: { title: 'Stalker' } },
    });
    film = String(answer.headers.location);
    position = textOf(answer.json, 'position');
  });
  after(async () => {
    client.close();
    await serving.end('SIGKILL');
    await removeDataDir(dataDir);
  });

  const startAgain = async () => {
    serving = await startServe({ REELLOG_DATA_DIR: dataDir });
    client.close();
    client = openHttpClient(serving.url);
  };

  /** Kills in the middle of the work; with `goOn`, the clients go on until the service accepts again. */
  const killing = async (kill: () => Promise<void>, goOn: boolean): Promise<void> => {
    const work = recording(client, token, `${film}/watches`);
    try {
      await eventually('work is under way', () => work.accepted().length >= 40);
      await kill();
      const before = work.accepted().length;
      if (goOn) {
        await eventually('the service accepts again', () => work.accepted().length >= before + 40);
      }
    } finally {
      await work.stop();
    }
    expect(work.unexpected).to.deep.equal([]);
    for (const { playId, position: at = '' } of work.accepted()) accepted.set(playId, at);
    for (const { playId } of work.tries) tried.add(playId);
    for (const at of accepted.values()) if (BigInt(at) > BigInt(position)) position = at;
  };

  /** What the service shows is all that was accepted, once, and nothing that was not at least asked for. */
  const expectEverything = async (): Promise<void> => {
    let shown: readonly string[] = [];
    await eventually('what is shown is not stale', async () => {
      const headers = { 'Reellog-After': position };
      const answer = await client.send({ path: `${film}/watches`, token, headers });
      expect(answer.status, answer.text).to.equal(200);
      const watches = memberOf(answer.json, 'watches');
      if (!Array.isArray(watches)) throw new Error(`no watches in ${answer.text}`);
      shown = watches.map((watch) => textOf(watch, 'id'));
      return answer.headers['reellog-stale'] === undefined;
    });
    expect(new Set(shown).size, 'none twice').to.equal(shown.length);
    expect(shown).to.include.members([...accepted.keys()]);
    expect([...tried]).to.include.members(shown);
  };

  const kill9 = async (pid: number): Promise<void> => {
    process.kill(pid, 'SIGKILL');
    await eventually('it is dead', () => !isAlive(pid));
  };

  it('of its database, the service goes on by itself, and has all that it accepted', async () => {
    const postgres = await postgresOf(dataDir);
    await killing(() => kill9(postgres), true);
    expect(isAlive(serving.pid)).to.equal(true);
    expect(await postgresOf(dataDir)).not.to.equal(postgres);
    await expectEverything();
  });

  it('of the service, the next start takes over its database, and has all that it accepted', async () => {
    const postgres = await postgresOf(dataDir);
    await killing(() => kill9(serving.pid), false);
    expect(isAlive(postgres), 'the database is left over').to.equal(true);
    await startAgain();
    expect(isAlive(postgres)).to.equal(false);
    await expectEverything();
  });

  it('of both, the next start has all that it accepted', async () => {
    const postgres = await postgresOf(dataDir);
    await killing(async () => {
      process.kill(serving.pid, 'SIGKILL');
      await kill9(postgres);
      await serving.ended;
    }, false);
    await startAgain();
    await expectEverything();
  });
});
