import type { Command } from 'commander';
import { copyLog, type CopySummary } from '../../eventstore/copy/copyLog.js';
import { Interrupted } from '../exitCodes.js';
import { openSides } from './logSides.js';
import { json, writeLine } from '../terminal/output.js';
import { progressOf, type Progress } from '../terminal/progress.js';
import { startUp, interruptible } from '../session.js';
import { stopSignal } from '../stopSignal.js';

interface Options {
  readonly from: string;
  readonly to: string;
  readonly dryRun?: true;
  readonly json?: true;
}

const labels = { checking: 'Checking', copying: 'Copying', verifying: 'Verifying' } as const;

const summaryOf = ({ source, target, already, copied, verified }: CopySummary): string => {
  const there = already > 0 ? `, ${already} were there already` : '';
  if (!verified) return `${copied} events would be copied from ${source} to ${target}${there}.`;
  const { beside, keptReadModels } = verified;
  return [
    `Copied ${copied} events from ${source} to ${target}${there}.`,
    `Both were read anew:\n  source  ${verified.digests.source}\n  target  ${verified.digests.target}`,
    ...(beside
      ? [
          `Brought along: personal keys ${beside.personalKeys}, tokens ${beside.tokens}, ` +
            `receipts of commands ${beside.receipts}, reserved names ${beside.reservations}.`,
        ]
      : []),
    keptReadModels.length > 0
      ? `These read models stay as they are: ${keptReadModels.join(', ')}.`
      : 'The read models are made anew when the service starts with the target.',
    ...(verified.sourceWentOn
      ? ['The source has gone on since: stop the service, and run the same command again.']
      : []),
  ].join('\n');
};

/** `reellog log copy`: moves a log from one place to another. */
export const addLogCopy = (log: Command): void => {
  log
    .command('copy')
    .description('copy a whole log into another, and see that both hold the same')
    .requiredOption('--from <address>', 'the log to copy')
    .requiredOption('--to <address>', 'an empty log, or the target of an earlier copy')
    .option('--dry-run', 'look at both and count, but copy nothing')
    .option('--json', 'the summary as JSON')
    .addHelpText(
      'after',
      '\nAn address is postgresql://user:password@host/database, esdb://host:2113 (streams are told apart by\n' +
        'REELLOG_EVENTSTORE_STREAM_PREFIX), or embedded[:FOLDER] for an embedded database (else of\n' +
        'REELLOG_DATA_DIR).\n' +
        '\nEvents keep their order, revisions, ids, data, metadata and times. Interrupted, the same command goes on\n' +
        'where it stopped. Copy while the service runs, then stop it and copy the rest.\n' +
        '\nExamples:\n' +
        '  reellog log copy --from embedded --to esdb://cluster:2113 --dry-run\n' +
        '  reellog log copy --from esdb://cluster:2113 --to embedded:/srv/reellog\n' +
        '  reellog log copy --from embedded --to postgresql://reellog@db/reellog --json\n',
    )
    .action(async (options: Options) => {
      const signal = stopSignal();
      const { config, logger } = startUp();
      const opening = openSides(options, config, { logger, signal, embedded: 'join' });
      const sides = await interruptible(signal, opening);
      let progress: Progress | undefined;
      let shown: string | undefined;
      try {
        const total = (await sides.sourceEvents()) ?? 0;
        const summary = await copyLog({
          ...{ source: sides.source, target: sides.target, signal },
          dryRun: options.dryRun === true,
          onProgress: (phase, events) => {
            if (shown !== phase) {
              progress?.stop();
              progress = progressOf(labels[phase], total, 'events');
              shown = phase;
            }
            progress?.update(events, Math.max(total, events));
          },
        });
        progress?.stop();
        await writeLine(options.json === true ? json(summary) : summaryOf(summary));
      } catch (error) {
        if (!signal.aborted) throw error;
        throw new Interrupted('Interrupted: the same command goes on where this one stopped.');
      } finally {
        progress?.stop();
        await sides.close();
      }
    });
};
