import type { Command } from 'commander';
import type { ParkedActs } from '../../../../projections/engine/parking/parkedActs.js';
import type { ParkedEvent } from '../../../../projections/ports/parking.js';
import { refusals } from '../../../readModels/parking/parkedView.js';
import { withReellog } from '../../session.js';
import { stopSignal } from '../../stopSignal.js';
import { actor } from '../../accounts/actor.js';
import { ALL, chosen, FIRST, JSON_OPTION, SECOND } from './chosen.js';
import { tell, told, type Told } from './told.js';

const retried = async (acts: ParkedActs, parked: ParkedEvent): Promise<Told> => {
  const result = await acts.retry(parked.id, actor());
  switch (result.outcome) {
    case 'applied':
      return told(parked, 'applied');
    case 'failed':
      return told(parked, 'failed', result.error);
    case 'refused':
      return told(parked, 'refused', refusals[result.why]);
    default:
      return result satisfies never;
  }
};

export const addParkedRetry = (parked: Command): void => {
  parked
    .command('retry')
    .description(
      'project parked events now, after those behind them; "rebuild" does so in their order',
    )
    .argument(...FIRST)
    .argument(...SECOND)
    .option(...ALL)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  reellog parked retry 17\n  reellog parked retry stats 48211\n' +
        '  reellog parked retry stats --all --json\n\nEnds with 1 where one of them failed.\n',
    )
    .action(
      async (
        first: string | undefined,
        second: string | undefined,
        options: { all?: true; json?: true },
      ) => {
        const signal = stopSignal();
        await withReellog(signal, async (reellog) => {
          const done: Told[] = [];
          for (const one of await chosen(reellog, [first, second], options)) {
            if (signal.aborted) break;
            done.push(await retried(reellog.parked, one));
          }
          await tell(done, options);
        });
      },
    );
};
