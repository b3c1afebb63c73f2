import type { Command } from 'commander';
import type { Discarding } from '../../../../projections/engine/parking/parkedActs.js';
import type { Reellog } from '../../../composition/service.js';
import { refusals } from '../../../readModels/parking/parkedView.js';
import { UsageError } from '../../exitCodes.js';
import { withReellog } from '../../session.js';
import { stopSignal } from '../../stopSignal.js';
import { actor } from '../../accounts/actor.js';
import { ALL, chosen, FIRST, JSON_OPTION, placeIn, SECOND, type Choice } from './chosen.js';
import { tell, told, type Told } from './told.js';

/** An event that is not parked: the read model, or a rebuild of it, has stopped there. */
const leftOut = async (
  { parked }: Reellog,
  { projection, position }: { readonly projection: string; readonly position: bigint },
  act: Discarding,
): Promise<Told> => {
  const left = await parked.leaveOut(projection, position, act);
  if (typeof left === 'string') throw new UsageError(refusals[left]);
  return told(left, 'discarded');
};

const discarded = async (
  reellog: Reellog,
  choice: Choice,
  options: { readonly all?: true },
  act: Discarding,
): Promise<readonly Told[]> => {
  const place = placeIn(reellog, choice);
  if (place && options.all !== true) {
    const there = await reellog.parked.at(place.projection, place.position);
    if (there?.state !== 'parked') return [await leftOut(reellog, place, act)];
  }
  const done: Told[] = [];
  for (const one of await chosen(reellog, choice, options)) {
    const outcome = await reellog.parked.discard(one.id, act);
    done.push(
      outcome === 'discarded' ? told(one, outcome) : told(one, 'refused', refusals[outcome]),
    );
  }
  return done;
};

export const addParkedDiscard = (parked: Command): void => {
  parked
    .command('discard')
    .description('leave events out of a read model for good, by rebuilds as well')
    .argument(...FIRST)
    .argument(...SECOND)
    .requiredOption('--reason <text>', 'why, for the record')
    .option(...ALL)
    .option(...JSON_OPTION)
    .addHelpText(
      'after',
      '\nExamples:\n  reellog parked discard 17 --reason "recorded twice by a broken import"\n' +
        '  reellog parked discard stats 48211 --reason "the read model stops at it"\n\n' +
        'By read model and position, the event need not be parked.\n',
    )
    .action(
      async (
        first: string | undefined,
        second: string | undefined,
        options: { reason: string; all?: true; json?: true },
      ) => {
        await withReellog(stopSignal(), async (reellog) => {
          const act = { actor: actor(), reason: options.reason };
          await tell(await discarded(reellog, [first, second], options, act), options);
        });
      },
    );
};
