import autocannon from 'autocannon';
import { withService } from '../measuring/commandLine.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow, Measured } from '../row.js';
import { withExpress } from './express.js';

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
  const path = new URL(target.url).pathname;
  return withExpress('sameBytes.mjs', [path, body], async (url) => {
    const contenders = [
      { name: REELLOG, work: () => load(target) },
      { name: EXPRESS, work: () => load({ url: `${url}${path}`, token }) },
    ];
    const rates = await inTurns(contenders, report);
    const ours = rates.get(REELLOG) ?? [];
    const theirs = rates.get(EXPRESS) ?? [];
    return {
      value: median(ours),
      against: { express: held(ours, theirs) },
      note: `${Buffer.byteLength(body)} bytes, signed in, with all headers`,
    };
  });
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
