import { commandsASecond } from '../http/commandRate.js';
import { runReellog, withService, type Environment } from '../measuring/commandLine.js';
import { withEventStoreDb } from './eventStoreDb.js';
import { createHttpClient, filmIds } from '../http/httpClient.js';
import { withHistoryOnServer } from '../log/logPlaces.js';
import { runRebuild } from '../rebuild/rebuildRuns.js';
import { held, median, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow, Measured } from '../row.js';
import { filmsToShow, timesToShow } from '../http/visible.js';

/** A service that is compared: where it is, and who asks. */
interface Place {
  readonly path: string;
  readonly token: string;
  readonly environment: Environment;
}

/** So few that the run which does not count rates each of them once, on either log. */
const WARM_FILMS = 1_000;
const LIMIT_MS = 10 * 60_000;

const commandRateOf = ({ path, token, environment }: Place): Promise<number> =>
  withService(
    path,
    async (url) => {
      const client = createHttpClient(url, token);
      const films = await filmIds(client, WARM_FILMS);
      client.close();
      // The first does not count.
      await commandsASecond(url, token, films);
      return commandsASecond(url, token, films);
    },
    environment,
  );

const showingOf = ({ path, token, environment }: Place, round: number): Promise<number> =>
  withService(
    path,
    async (url) => {
      const client = createHttpClient(url, token);
      try {
        const films = await filmsToShow(client);
        await timesToShow(client, films, 2 * round);
        return median(await timesToShow(client, films, 2 * round + 1));
      } finally {
        client.close();
      }
    },
    environment,
  );

/** How often a minute a command of the command line would be done. */
const timesAMinute = async (
  args: readonly string[],
  { path, environment }: Place,
): Promise<number> => {
  const began = performance.now();
  await runReellog(args, { REELLOG_DATA_DIR: path, ...environment }, LIMIT_MS);
  return 60_000 / (performance.now() - began);
};

/** The owner's, who has watched nothing, would be too little: the first person of MovieLens has hundreds. */
const firstPerson = async ({ path, environment }: Place): Promise<string> => {
  const args = ['events', '--type', 'MovieWatched', '--limit', '1'];
  const said = await runReellog(args, { REELLOG_DATA_DIR: path, ...environment }, LIMIT_MS);
  const event = JSON.parse(said.split('\n')[0] ?? '') as { readonly data: { userId: string } };
  return event.data.userId;
};

/** What a service and its tools do with the log in EventStoreDB, in turns with the log in PostgreSQL. */
export const esdbService: BenchRow = {
  names: [
    ...(['esdb.command', 'esdb.visible.p50', 'esdb.rebuild', 'esdb.verify'] as const),
    ...(['esdb.replay', 'esdb.events'] as const),
  ],
  run: async ({ folders, report }) => {
    const postgres: Place = { ...(await folders.history(report)), environment: {} };
    return withEventStoreDb('real', (server) =>
      withHistoryOnServer(server, async (mirrored) => {
        const userId = await firstPerson(postgres);
        const compare = async (
          what: string,
          measure: (place: Place, round: number) => Promise<number>,
        ): Promise<readonly [ours: readonly number[], theirs: readonly number[]]> => {
          const [ours, theirs]: [number[], number[]] = [[], []];
          for (let round = 1; round <= ROUNDS; round += 1) {
            ours.push(await measure(mirrored, round));
            theirs.push(await measure(postgres, round));
            report(
              `${what}, round ${round}/${ROUNDS}: ${ours.at(-1)?.toFixed(1) ?? ''} in EventStoreDB, ` +
                `${theirs.at(-1)?.toFixed(1) ?? ''} in PostgreSQL`,
            );
          }
          return [ours, theirs];
        };
        const ratio = async (
          what: string,
          measure: (place: Place, round: number) => Promise<number>,
        ): Promise<Measured> => {
          const [ours, theirs] = await compare(what, measure);
          const against = { postgres: held(ours, theirs) };
          return { value: median(ours), against, note: server.on };
        };
        const [shown, shownInPostgres] = await compare('visible', showingOf);
        return {
          'esdb.command': await ratio('commands', commandRateOf),
          'esdb.visible.p50': {
            value: median(shown.map((ms, round) => ms - (shownInPostgres[round] ?? Number.NaN))),
            note: `${median(shown).toFixed(1)} ms, ${median(shownInPostgres).toFixed(1)} ms in PostgreSQL`,
          },
          'esdb.rebuild': await ratio('rebuild', async ({ path, environment }) => {
            const { eventsPerSecond } = await runRebuild(path, 'all', environment);
            return eventsPerSecond;
          }),
          'esdb.verify': await ratio('verify', (place) => timesAMinute(['verify', '--all'], place)),
          'esdb.replay': await ratio('replay', (place) =>
            timesAMinute(['replay', 'stats', '--user', userId], place),
          ),
          'esdb.events': await ratio('events', (place) =>
            timesAMinute(['events', '--type', 'MovieImported'], place),
          ),
        };
      }),
    );
  },
};
