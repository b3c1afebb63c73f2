import { InvalidArgumentError, type Command } from 'commander';
import { untilCaughtUp } from '../readModels/caughtUp.js';
import { Interrupted } from '../exitCodes.js';
import { importMovieLens, type ImportSummary } from './movielens/importMovieLens.js';
import { json, writeLine } from '../terminal/output.js';
import { progressOf } from '../terminal/progress.js';
import { startProjectionThread } from './projectionThread.js';
import { addRadarr } from './radarrCommand.js';
import { refusedLines, tallyLine } from './tallyLines.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';

const amount = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1)
    throw new InvalidArgumentError('not a number of people');
  return value;
};

const report = (summary: ImportSummary, seconds: number): string =>
  [
    tallyLine('Films', summary.films),
    tallyLine('People', summary.people),
    tallyLine('Ratings', summary.ratings),
    ...refusedLines(summary),
    `${summary.events} events in ${seconds.toFixed(1)} s, read models included: ` +
      `${Math.round(summary.events / Math.max(seconds, 0.001))}/s.`,
  ].join('\n');

export const addImport = (program: Command): void => {
  const command = program
    .command('import')
    .description("import somebody's history, or the library of a media manager")
    .addHelpText(
      'after',
      '\nExamples:\n  reellog import movielens ml-latest-small\n  reellog import radarr\n',
    );
  addRadarr(command);
  command
    .command('movielens')
    .description('import a MovieLens dataset: each rating is a watch and a rating')
    .argument('<folder>', 'with movies.csv, links.csv and ratings.csv, gzipped or not')
    .option('--metadata <file>', "TMDb's data on films (tmdb_5000_movies.csv, gzipped or not)")
    .option('--people <n>', 'only the first so many people', amount)
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog import movielens ml-latest-small\n' +
        '  reellog import movielens ml-latest-small --metadata tmdb_5000_movies.csv.gz --people 20 --json\n',
    )
    .action(
      async (folder: string, options: { metadata?: string; people?: number; json?: true }) => {
        const stop = stopSignal();
        await withReellog(
          stop,
          async ({ execute, engine, config, connectionString }) => {
            const { connections, logLevel, onPoison, eventStoreUrl, eventStorePrefix } = config;
            const thread = startProjectionThread({
              ...{ connectionString, connections, logLevel, onPoison },
              log: { eventStoreUrl, eventStorePrefix },
            });
            const signal = AbortSignal.any([stop, thread.failed]);
            const started = Date.now();
            const progress = progressOf('Importing', 1, 'commands');
            let summary: ImportSummary;
            try {
              summary = await importMovieLens({
                execute,
                folder,
                signal,
                ...(options.metadata === undefined ? {} : { metadata: options.metadata }),
                ...(options.people === undefined ? {} : { people: options.people }),
                onProgress: (done, of) => {
                  progress.update(done, of);
                },
              });
              thread.failed.throwIfAborted();
              if (stop.aborted) {
                throw new Interrupted('Interrupted. Importing again goes on where this ended.');
              }
              await untilCaughtUp(engine, summary.position, { signal });
            } finally {
              progress.stop();
              await thread.stop();
            }
            const seconds = (Date.now() - started) / 1000;
            await writeLine(
              options.json === true
                ? json({
                    ...summary,
                    seconds,
                    eventsPerSecond: Math.round(summary.events / Math.max(seconds, 0.001)),
                  })
                : report(summary, seconds),
            );
          },
          { makes: true, inThreads: true },
        );
      },
    );
};
