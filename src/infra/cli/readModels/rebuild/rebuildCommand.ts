import { InvalidArgumentError, Option, type Command } from 'commander';
import type { Reellog } from '../../../composition/service.js';
import { lowerPriority } from '../../../postgres/lowerPriority.js';
import { UsageError } from '../../exitCodes.js';
import { withReellog } from '../../session.js';
import { stopSignal } from '../../stopSignal.js';
import { cancelRebuilds, dropPrevious, showStatus } from './otherActs.js';
import { rebuild, rollBack } from './rebuildActs.js';

/** Options as they were typed. */
export interface RebuildOptions {
  readonly all?: true;
  readonly throttle?: number;
  readonly detach?: true;
  readonly json?: true;
}

type Act = 'cancel' | 'rollBack' | 'dropPrevious' | 'status';

const acts: Readonly<Record<Act, (...given: Parameters<typeof rebuild>) => Promise<void>>> = {
  cancel: cancelRebuilds,
  rollBack,
  dropPrevious,
  status: showStatus,
};

const eventsPerSecond = (text: string): number => {
  const value = Number(text);
  if (/^\d{1,9}$/.test(text) && value > 0) return value;
  if (text === 'off') return 0;
  throw new InvalidArgumentError('not a number of events a second, nor "off"');
};

const act = (flag: string, description: string, others: readonly string[]): Option =>
  new Option(flag, description).conflicts([...others]);

export const addRebuild = (program: Command): void => {
  program
    .command('rebuild')
    .description('make read models anew from the log while the old ones serve')
    .argument('[name...]', 'the read models')
    .option('--all', 'all of them')
    .option(
      '--throttle <events per second>',
      'read no more than this; also sets it where a rebuild is under way; "off": all it can',
      eventsPerSecond,
    )
    .option('--detach', 'leave the work to the running service')
    .addOption(
      act('--cancel', 'give up the rebuild under way', [
        'rollBack',
        'dropPrevious',
        'status',
        'throttle',
        'detach',
      ]),
    )
    .addOption(
      act('--roll-back', 'serve the rows from before the last rebuild again, brought up to date', [
        'dropPrevious',
        'status',
        'throttle',
      ]),
    )
    .addOption(
      act('--drop-previous', 'drop the rows from before the last rebuild', [
        'status',
        'throttle',
        'detach',
      ]),
    )
    .addOption(act('--status', 'show the rebuilds there are and were', ['throttle', 'detach']))
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      '\nExamples:\n' +
        '  reellog rebuild stats streaks\n' +
        '  reellog rebuild --all --json\n' +
        '  reellog rebuild catalogue --throttle 2000 --detach\n' +
        '  reellog rebuild catalogue --cancel\n' +
        '  reellog rebuild stats --roll-back\n' +
        '  reellog rebuild --status\n',
    )
    .action(
      async (given: readonly string[], options: RebuildOptions & Partial<Record<Act, true>>) => {
        const chosen = (Object.keys(acts) as Act[]).find((name) => options[name] === true);
        const all = options.all === true || (chosen === 'status' && given.length === 0);
        if ((given.length === 0) !== all) {
          throw new UsageError('Name the read models to rebuild, or say --all.');
        }
        const signal = stopSignal();
        await withReellog(signal, async (reellog) => {
          // The service goes on meanwhile, and comes first.
          lowerPriority();
          const names = all ? reellog.rebuilds.names : known(reellog, given);
          await (chosen === undefined ? rebuild : acts[chosen])(reellog, names, {
            ...options,
            signal,
          });
        });
      },
    );
};

/** Each once, in the order of the command line. @throws {UnknownProjection} */
const known = ({ rebuilds }: Reellog, given: readonly string[]): readonly string[] => {
  const names = [...new Set(given)];
  for (const name of names) rebuilds.requireKnown(name);
  return names;
};
