import { join } from 'node:path';
import type { Command } from 'commander';
import { openReellog, type Reellog } from '../../composition/service.js';
import { scopes } from '../../../domain/account/permissions.js';
import { OWNER_ID } from '../../auth/owner.js';
import { CannotListen, type HttpServer } from '../../http/server.js';
import { createServedReadModels } from '../../readModels/live/servedReadModels.js';
import { untilCaughtUp } from '../readModels/caughtUp.js';
import { write, writeLine } from '../terminal/output.js';
import { progressOf } from '../terminal/progress.js';
import { paintFor } from '../report/paint.js';
import { personFacts } from '../report/personFacts.js';
import { personReport } from '../report/personReport.js';
import { samplesFolder } from '../import/samples/files.js';
import { loadSamples, type SampleSummary } from '../import/samples/loadSamples.js';
import { startUp, interruptible } from '../session.js';
import { stopSignal, untilStopped } from '../stopSignal.js';

const TOKEN_NAMES = ['demo', 'first start'];
const USUAL_WIDTH = 80;

const load = async (
  { execute, engine, eventStore }: Reellog,
  signal: AbortSignal,
): Promise<SampleSummary> => {
  const progress = progressOf('Loading the samples', 1, 'commands');
  try {
    const summary = await loadSamples({
      execute,
      folder: samplesFolder,
      ownerId: OWNER_ID,
      signal,
      onProgress: (done, of) => {
        progress.update(done, of);
      },
    });
    signal.throwIfAborted();
    // Not before: the read models take the whole history in a few pages.
    engine.start();
    await untilCaughtUp(engine, await eventStore.headPosition(), { signal });
    return summary;
  } finally {
    progress.stop();
  }
};

/** The owner's first token, or a new one: those of earlier demos stop working, for nobody knows them any more. */
const tokenToShow = async ({ tokens, ownerToken }: Reellog): Promise<string> => {
  if (ownerToken !== undefined) return ownerToken;
  const earlier = await tokens.list({ userId: OWNER_ID });
  await Promise.all(
    earlier.filter(({ name }) => TOKEN_NAMES.includes(name)).map(({ id }) => tokens.revoke(id)),
  );
  const { token } = await tokens.create({ userId: OWNER_ID, name: 'demo', scopes });
  return token;
};

/** The configured port; any other when a program listens there already. */
const listenSomewhere = async (reellog: Reellog): Promise<HttpServer> => {
  try {
    return await reellog.listen();
  } catch (error) {
    if (!(error instanceof CannotListen)) throw error;
    await writeLine(`\n${error.message} The demo takes any free one.`);
    return reellog.listen(0);
  }
};

const whatNext = (url: string, token: string, dataDir: string): string => `
The API is up at ${url} until Ctrl-C.
  Documentation  ${url}/docs/
  Token          ${token}
  Data           ${dataDir}, kept for the next demo: remove it to begin anew

A query and a command:
  curl -H 'Authorization: Bearer ${token}' '${url}/api/v1/movies?q=metropolis'
  curl -H 'Authorization: Bearer ${token}' -H 'Content-Type: application/json' \\
    -d '{"imdbId":"tt0017136","watched":"now"}' '${url}/api/v1/me/watches'
`;

const report = async (reellog: Reellog): Promise<void> => {
  const readModels = createServedReadModels(reellog.database).now();
  const facts = await personFacts(readModels, { userId: OWNER_ID, now: new Date() });
  if (!facts) throw new Error('the owner of the demo is not in the read models');
  const width = process.stdout.isTTY ? process.stdout.columns : USUAL_WIDTH;
  const paint = paintFor(process.stdout, process.env);
  await write(`\n${personReport(facts, { width, paint })}`);
};

/** `reellog demo`: the samples on a database of their own, a report, and the API to try. */
export const addDemo = (program: Command): void => {
  program
    .command('demo')
    .description("load the samples, show a person's report, and serve them to try the API")
    .addHelpText(
      'after',
      '\nThe demo has a database of its own, in the folder "demo" of REELLOG_DATA_DIR.\n' +
        '\nExamples:\n  reellog demo\n  PORT=9000 reellog demo\n  NO_COLOR=1 reellog demo\n',
    )
    .action(async () => {
      const signal = stopSignal();
      const { config, logger } = startUp();
      const dataDir = join(config.dataDir, 'demo');
      await writeLine(`Starting an embedded database in ${dataDir} …`);
      const opening = openReellog(
        { ...config, dataDir, imagesDir: undefined, databaseUrl: undefined },
        { logger, signal },
      );
      const reellog = await interruptible(signal, opening);
      try {
        const { films, plays, people, refused } = await load(reellog, signal);
        const [total, watches] = [films, plays].map((tally) => tally.added + tally.alreadyThere);
        await writeLine(
          `${total ?? 0} films and ${watches ?? 0} watches of ${people.length} people are there.`,
        );
        for (const { count, code, example } of refused) {
          await writeLine(`Refused: ${count} × ${code}, such as ${example}`);
        }
        await report(reellog);
        const { url } = await listenSomewhere(reellog);
        await write(whatNext(url, await tokenToShow(reellog), dataDir));
        await untilStopped(signal);
      } finally {
        await reellog.close();
      }
    });
};
