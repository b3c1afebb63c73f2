import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import autocannon from 'autocannon';
import { withService } from '../measuring/commandLine.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow, Measured } from '../row.js';

const SECONDS = 3;
const CONNECTIONS = 16;
const EXPRESS = 'Express 5 sending the same bytes';
const REELLOG = 'Reellog';

const film = {
  title: 'Stalker',
  originalTitle: 'Сталкер',
  releaseDate: '1979-05-25',
  runtimeMinutes: 162,
  genres: ['Drama', 'Science Fiction'],
  countries: ['SU'],
  languages: ['ru'],
  overview:
    'A guide leads a writer and a professor through the Zone, to a room that is said to grant wishes.',
};

interface Target {
  readonly url: string;
  readonly token: string;
}

/** Imports the film and reads it, so that it is in the cache. */
const cached = async (service: Target): Promise<Target & { readonly body: string }> => {
  const headers = {
    authorization: `Bearer ${service.token}`,
    'content-type': 'application/json',
  };
  const made = await fetch(`${service.url}/api/v1/movies`, {
    method: 'POST',
    headers,
    body: JSON.stringify(film),
  });
  const url = `${service.url}${made.headers.get('location') ?? ''}`;
  const after = made.headers.get('reellog-position') ?? '';
  const answer = await fetch(url, { headers: { ...headers, 'Reellog-After': after } });
  if (!answer.ok) throw new Error(`the film is not there: ${answer.status}`);
  return { url, token: service.token, body: await answer.text() };
};

const startExpress = async (
  path: string,
  body: string,
): Promise<{ readonly url: string; readonly child: ChildProcess }> => {
  const script = fileURLToPath(new URL('./expressServer.mjs', import.meta.url));
  const child = fork(script, [path, body], { execArgv: [] });
  const [ready] = (await Promise.race([
    once(child, 'message'),
    once(child, 'exit').then(() => {
      throw new Error('the Express server ended before it was ready');
    }),
  ])) as [{ readonly url: string }];
  return { url: ready.url, child };
};

const stopExpress = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.send('stop');
  await gone;
};

const load = async ({ url, token }: Target): Promise<number> => {
  const result = await autocannon({
    url,
    connections: CONNECTIONS,
    duration: SECONDS,
    headers: { authorization: `Bearer ${token}` },
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${url}: ${result.non2xx} refused, ${result.errors} failed`);
  }
  // So that units divided by the time that inTurns measures come to what autocannon counted.
  return result.requests.total;
};

const besideExpress = async (
  target: Target & { readonly body: string },
  report: (progress: string) => void,
): Promise<Measured> => {
  const { body, token } = target;
  const { url, child } = await startExpress(new URL(target.url).pathname, body);
  try {
    const contenders = [
      { name: REELLOG, work: () => load(target) },
      { name: EXPRESS, work: () => load({ url, token }) },
    ];
    const rates = await inTurns(contenders, report);
    const ours = rates.get(REELLOG) ?? [];
    const theirs = rates.get(EXPRESS) ?? [];
    return {
      value: median(ours),
      against: { express: held(ours, theirs) },
      note: `${Buffer.byteLength(body)} bytes, signed in, with all headers`,
    };
  } finally {
    await stopExpress(child);
  }
};

/** A film that is in the cache, beside the least that an Express server could do for the same request. */
export const httpCached: BenchRow = {
  names: ['http.cached'],
  run: async ({ folders, report }) => {
    const { path, token } = await folders.history(report);
    return withService(path, async (url) => ({
      'http.cached': await besideExpress(await cached({ url, token }), report),
    }));
  },
};
