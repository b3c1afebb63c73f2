import type { Command } from 'commander';
import { openLog } from '../composition.js';
import { verifyLog, type LogVerification } from '../eventstore/verifyLog.js';
import { exitCodes } from './exitCodes.js';
import { json, writeLine } from './output.js';
import { progressOf } from './progress.js';
import { startUp, unlessStopped } from './session.js';
import { stopSignal } from './stopSignal.js';

const summaryOf = ({ events, streams, position, faults, first }: LogVerification): string => {
  const read = `${events} events of ${streams} streams up to position ${position}`;
  if (faults === 0) return `${read}: the log is as it must be.`;
  const lines = first.map(({ position: at, stream, fault }) => `  ${at} ${stream}: ${fault}`);
  const more = faults - first.length;
  return [
    `${read}: ${faults} ${faults === 1 ? 'fault' : 'faults'}.`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
};

/** `reellog log …`: what is done with the log as a whole. */
export const addLog = (program: Command): void => {
  const log = program
    .command('log')
    .description('look after the log as a whole')
    .addHelpText('after', '\nExamples:\n  reellog log verify\n');
  log
    .command('verify')
    .description('check a log: positions, revisions, times, ids, and data against their schemas')
    .option('--json', 'the findings as JSON')
    .addHelpText(
      'after',
      '\nReads the whole log, beside a running service too, and ends with 1 where something is wrong.\n' +
        '\nExamples:\n  reellog log verify\n  reellog log verify --json | jq .first\n',
    )
    .action(async (options: { json?: true }) => {
      const signal = stopSignal();
      const { config, logger } = startUp();
      const opening = openLog(config, { logger, signal, embedded: 'join' });
      const opened = await unlessStopped(signal, opening);
      const progress = progressOf('Verifying', 1, 'events');
      try {
        const head = Number(await opened.log.headPosition());
        const findings = await verifyLog({
          ...{ log: opened.log, personalKeys: opened.personalKeys, signal },
          onProgress: (position) => {
            progress.update(Number(position), head);
          },
        });
        progress.stop();
        await writeLine(options.json === true ? json(findings) : summaryOf(findings));
        if (findings.faults > 0) process.exitCode = exitCodes.failed;
      } finally {
        progress.stop();
        await opened.close();
      }
    });
};
