import autocannon from 'autocannon';
import { withService } from '../measuring/commandLine.js';
import { createHttpClient, filmIds } from './httpClient.js';
import { held, median, ROUNDS } from '../measuring/rounds.js';
import { withTemporaryServer } from '../measuring/temporaryServer.js';
import type { BenchRow } from '../row.js';
import { withExpress } from './express.js';

const AT_ONCE = 32;
const SECONDS = 4;
const RATED_FILMS = 5_000;

/** Goes on from run to run: a film is never rated as it was the time before, which would append nothing. */
let nth = 0;

/** Ratings of one film after the other, by 32 clients, each waiting for its answer before it sends the next. */
export const commandsASecond = async (
  url: string,
  token: string,
  films: readonly string[],
): Promise<number> => {
  const next = (): { readonly path: string; readonly body: string } => {
    nth += 1;
    const time = Math.floor(nth / films.length);
    return {
      path: `/api/v1/movies/${films[nth % films.length] ?? ''}/rating`,
      body: JSON.stringify({ rating: ((nth + time) % 101) / 10 }),
    };
  };
  const result = await autocannon({
    ...{ url, connections: AT_ONCE, duration: SECONDS, method: 'PUT' },
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    requests: [{ setupRequest: (request) => ({ ...request, ...next() }) }],
  });
  if (result.non2xx > 0 || result.errors > 0) {
    throw new Error(`${result.non2xx} commands were refused, ${result.errors} failed`);
  }
  return result.requests.total / result.duration;
};

/**
 * Commands as clients send them, with the read models of the whole history following in the same process; in turns with
 * a route that writes the same ratings into a plain table.
 */
export const commandRate: BenchRow = {
  names: ['command.rate'],
  run: async ({ folders, report }) => {
    const { path, token } = await folders.history(report);
    return withTemporaryServer((connectionString) =>
      withExpress('plainRatings.mjs', [connectionString], (plain) =>
        withService(path, async (url) => {
          const client = createHttpClient(url, token);
          const films = await filmIds(client, RATED_FILMS);
          client.close();
          const [ours, theirs]: [number[], number[]] = [[], []];
          for (let round = 0; round <= ROUNDS; round += 1) {
            const found = await commandsASecond(url, token, films);
            const crud = await commandsASecond(plain, token, films);
            const name = round === 0 ? 'warm-up' : `round ${round}/${ROUNDS}`;
            report(`${name}: ${found.toFixed(0)}/s, a plain table ${crud.toFixed(0)}/s`);
            if (round > 0) {
              ours.push(found);
              theirs.push(crud);
            }
          }
          return {
            'command.rate': { value: median(ours), against: { crud: held(ours, theirs) } },
          };
        }),
      ),
    );
  },
};
