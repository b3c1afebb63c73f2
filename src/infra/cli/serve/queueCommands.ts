import { InvalidArgumentError, type Command } from 'commander';
import { createQueuedWork, type QueuedWork } from '../../jobs/queue/waitingWork.js';
import { amount } from '../terminal/argumentParsers.js';
import { json, table, writeLine } from '../terminal/output.js';
import { withDatabase } from '../session.js';
import { stopSignal } from '../stopSignal.js';

const SHOWN = 20;

const addWaiting = (jobs: Command): void => {
  jobs
    .command('waiting')
    .description('show the work that waits for others, that which failed first')
    .option('--failed', 'only what was tried often enough and is left to you')
    .option('--limit <n>', `the first so many, ${SHOWN} if not said`, amount)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n  reellog jobs waiting\n  reellog jobs waiting --failed --json\n',
    )
    .action(async (options: { failed?: true; limit?: number; json?: true }) => {
      const { failed = false, limit = SHOWN } = options;
      const work = await onQueue((queue) => queue.list({ failed, limit }));
      if (options.json === true) await writeLine(json(work));
      else if (work.length === 0) await writeLine(failed ? 'Nothing failed.' : 'Nothing waits.');
      else {
        await writeLine(
          table(
            work.map(({ id, what, state, attempts, runAt, error }) => ({
              ...{ id: id.toString(), what, state, attempts: String(attempts) },
              next: state === 'failed' ? '' : runAt.toISOString(),
              error: error?.split('\n')[0] ?? '',
            })),
          ),
        );
      }
    });
};

/** `retry` and `discard`: of what is named, or of all that failed. */
const addChange = (
  jobs: Command,
  name: 'retry' | 'discard',
  description: string,
  told: string,
): void => {
  jobs
    .command(name)
    .description(description)
    .argument('[id...]', 'as "reellog jobs waiting" shows it', ids)
    .option('--failed', 'all that was tried often enough')
    .addHelpText(
      'after',
      `\nExamples:\n  reellog jobs ${name} 12\n  reellog jobs ${name} --failed\n`,
    )
    .action(
      async (
        given: readonly bigint[] | undefined,
        { failed }: { failed?: true },
        command: Command,
      ) => {
        const named = given ?? [];
        if (named.length > 0 === (failed === true)) {
          command.error('error: give the ids of work, or --failed');
        }
        const count = await onQueue((queue) => queue[name](failed === true ? undefined : named));
        await writeLine(`${count} ${told}.`);
      },
    );
};

const ids = (text: string, before: readonly bigint[] | undefined): readonly bigint[] => {
  if (!/^[1-9]\d{0,17}$/.test(text)) throw new InvalidArgumentError('It is not the id of work.');
  return [...(before ?? []), BigInt(text)];
};

const onQueue = <T>(work: (queue: QueuedWork) => Promise<T>): Promise<T> =>
  withDatabase(stopSignal(), (database) => work(createQueuedWork(database)));

/** Those of `reellog jobs …` that look after the queue. */
export const addQueue = (jobs: Command): void => {
  addWaiting(jobs);
  addChange(jobs, 'retry', 'try work again now', 'to be tried again');
  addChange(jobs, 'discard', 'take work out of the queue for good', 'taken out of the queue');
};
