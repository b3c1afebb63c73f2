import { InvalidArgumentError, type Command } from 'commander';
import { openLog } from '../storage.js';
import { digestPattern } from '../eventstore/logDigest.js';
import { verifyLog, type LogVerification } from '../eventstore/verifyLog.js';
import { exitCodes } from './exitCodes.js';
import { addLogCopy } from './logCopyCommand.js';
import { json, writeLine } from './output.js';
import { progressOf } from './progress.js';
import { startUp, unlessStopped } from './session.js';
import { stopSignal } from './stopSignal.js';

const summaryOf = (findings: LogVerification): string => {
  const { events, streams, chained, position, digest, faults, first } = findings;
  const chains = chained === 0 ? '' : `, ${chained} of them in hash chains`;
  const read = `${events} events of ${streams} streams up to position ${position}${chains}`;
  if (faults === 0) return `${read}: the log is as it must be.\nIts digest is ${digest}`;
  const lines = first.map(({ position: at, stream, fault }) => `  ${at} ${stream}: ${fault}`);
  const more = faults - first.length;
  return [
    `${read}: ${faults} ${faults === 1 ? 'fault' : 'faults'}.`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
  ].join('\n');
};

const digestOf = (text: string): string => {
  if (!digestPattern.test(text)) throw new InvalidArgumentError('not a digest');
  return text;
};

/** `reellog log …`: what is done with the log as a whole. */
export const addLog = (program: Command): void => {
  const log = program
    .command('log')
    .description('look after the log as a whole')
    .addHelpText('after', '\nExamples:\n  reellog log verify\n  reellog log copy --help\n');
  addLogCopy(log);
  log
    .command('verify')
    .description(
      'check a log: positions, revisions, times, ids, hash chains, and data against their schemas',
    )
    .option(
      '--expect <digest>',
      'this log’s digest of an earlier day: tells whether it still begins so',
      digestOf,
    )
    .option('--json', 'the findings as JSON')
    .addHelpText(
      'after',
      '\nReads the whole log, beside a running service too, and ends with 1 where something is wrong.\n' +
        '\nExamples:\n  reellog log verify\n  reellog log verify --json | jq .first\n' +
        '  reellog log verify --expect "$(cat /mnt/elsewhere/digest)"\n',
    )
    .action(async (options: { expect?: string; json?: true }) => {
      const signal = stopSignal();
      const { config, logger } = startUp();
      const opening = openLog(config, { logger, signal, embedded: 'join' });
      const opened = await unlessStopped(signal, opening);
      const progress = progressOf('Verifying', 1, 'events');
      try {
        const head = Number(await opened.log.headPosition());
        const findings = await verifyLog({
          ...{ log: opened.log, personalKeys: opened.personalKeys, signal },
          ...(options.expect === undefined ? {} : { expectedDigest: options.expect }),
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
