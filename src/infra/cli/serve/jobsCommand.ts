import type { Command } from 'commander';
import type { JobRun } from '../../jobs/journal.js';
import { addQueue } from './queueCommands.js';
import { amount } from '../terminal/argumentParsers.js';
import { exitCodes } from '../exitCodes.js';
import { json, table, writeLine } from '../terminal/output.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';

const SHOWN_RUNS = 20;

const rowOf = (run: JobRun): Record<string, string> => ({
  started: run.startedAt.toISOString(),
  job: run.job,
  outcome: run.outcome ?? 'running',
  seconds: run.endedAt ? ((run.endedAt.getTime() - run.startedAt.getTime()) / 1000).toFixed(1) : '',
  process: run.process,
  detail: run.detail ?? '',
});

const addList = (jobs: Command): void => {
  jobs
    .command('list', { isDefault: true })
    .description('show the jobs, when they are due (cron, UTC), and their last runs')
    .option('--json', 'as JSON')
    .addHelpText('after', '\nExamples:\n  reellog jobs list\n  reellog jobs list --json | jq\n')
    .action(async (options: { json?: true }) => {
      await withReellog(stopSignal(), async (reellog) => {
        const all = await reellog.jobs.list();
        if (options.json === true) {
          await writeLine(json(all));
          return;
        }
        await writeLine(
          table(
            all.map(({ name, schedule, last, meaning }) => ({
              ...{ name, schedule },
              'last run': last?.startedAt.toISOString() ?? 'never',
              outcome: last ? (last.outcome ?? 'running') : '',
              what: meaning,
            })),
          ),
        );
      });
    });
};

const addRun = (jobs: Command): void => {
  jobs
    .command('run')
    .description('run a job now, beside a running service too')
    .argument('<name>', 'the job')
    .addHelpText('after', '\nExamples:\n  reellog jobs run forget-receipts\n')
    .action(async (name: string) => {
      const signal = stopSignal();
      await withReellog(signal, async (reellog) => {
        const ran = await reellog.jobs.run(name, signal);
        if (ran.ran) await writeLine(`${name}: ${ran.outcome}, ${ran.detail}`);
        else await writeLine(`${name} is being run by another process.`);
        if (ran.ran && ran.outcome !== 'done') process.exitCode = exitCodes.failed;
      });
    });
};

const addLog = (jobs: Command): void => {
  jobs
    .command('log')
    .description('show what was run, when, where, and how it ended, the newest first')
    .argument('[name]', 'only this job')
    .option('--limit <n>', `the last so many, ${SHOWN_RUNS} if not said`, amount)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog jobs log\n  reellog jobs log forget-receipts --limit 5\n',
    )
    .action(async (name: string | undefined, options: { limit?: number; json?: true }) => {
      await withReellog(stopSignal(), async (reellog) => {
        const runs = await reellog.jobs.runs({
          ...(name === undefined ? {} : { job: name }),
          limit: options.limit ?? SHOWN_RUNS,
        });
        if (options.json === true) await writeLine(json(runs));
        else await writeLine(runs.length === 0 ? 'Nothing was run.' : table(runs.map(rowOf)));
      });
    });
};

/** `reellog jobs …`: scheduled work, and work that waits. */
export const addJobs = (program: Command): void => {
  const jobs = program
    .command('jobs')
    .description('show and run scheduled work; look after work that waits')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog jobs list\n  reellog jobs log\n  reellog jobs run forget-receipts\n  reellog jobs waiting\n',
    );
  addList(jobs);
  addLog(jobs);
  addRun(jobs);
  addQueue(jobs);
};
