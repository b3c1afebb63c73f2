import type { Command } from 'commander';
import { settings } from '../../config/settings.js';
import { exitCodes, UsageError } from '../exitCodes.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';
import { date } from '../terminal/argumentParsers.js';
import { writeLine } from '../terminal/output.js';

/** `reellog sync`: the job of that name, now and for the days that are wanted. */
export const addSync = (program: Command): void => {
  program
    .command('sync')
    .description('ask which films changed at TMDb, and have those of the catalogue looked up again')
    .option('--start <date>', 'from this day on; if not said, from the end of the last sync', date)
    .option('--end <date>', 'until this day; if not said, today (UTC)', date)
    .addHelpText(
      'after',
      '\nExamples:\n  reellog sync\n  reellog sync --start 2026-10-01 --end 2026-10-31\n',
    )
    .action(async (options: { start?: string; end?: string }) => {
      const signal = stopSignal();
      await withReellog(signal, async ({ catalogueJobs, config, jobs }) => {
        if (!catalogueJobs) {
          throw new UsageError(`There is nobody to ask: ${settings.tmdbKey.name} is not set.`);
        }
        const { start = config.syncStart, end = config.syncEnd } = options;
        const job = await catalogueJobs.syncOf({
          ...(start === undefined ? {} : { start }),
          ...(end === undefined ? {} : { end }),
        });
        const ran = await jobs.run(job, signal);
        await writeLine(
          ran.ran ? `${job.name}: ${ran.outcome}, ${ran.detail}` : 'A sync runs already.',
        );
        if (!ran.ran || ran.outcome !== 'done') process.exitCode = exitCodes.failed;
      });
    });
};
