import { InvalidArgumentError, type Command } from 'commander';
import type { Logger } from 'pino';
import type { EventStore } from '../../../commands/ports/eventStore.js';
import type { Config } from '../../config/config.js';
import {
  compareWithServer,
  type ServerComparison,
} from '../../eventstore/mirror/compareWithServer.js';
import { openEventStoreDbLog, openLog } from '../../composition/storage.js';
import { digestPattern } from '../../eventstore/verify/logDigest.js';
import { verifyLog, type LogVerification } from '../../eventstore/verify/verifyLog.js';
import { exitCodes } from '../exitCodes.js';
import { addLogCopy } from './logCopyCommand.js';
import { addLogMirror } from './logMirrorCommand.js';
import { json, writeLine } from '../terminal/output.js';
import { logProgress } from './logProgress.js';
import { startUp, interruptible } from '../session.js';
import { stopSignal } from '../stopSignal.js';

const summaryOf = (findings: LogVerification): string => {
  const { events, streams, chained, position, digest, faults, first, keysMissing } = findings;
  const chains = chained === 0 ? '' : `, ${chained} of them in hash chains`;
  const read = `${events} events of ${streams} streams up to position ${position}${chains}`;
  if (faults === 0) {
    return [
      `${read}: the log is as it must be.`,
      ...missingKeyLines(keysMissing),
      `Its digest is ${digest}`,
    ].join('\n');
  }
  const lines = first.map(({ position: at, stream, fault }) => `  ${at} ${stream}: ${fault}`);
  const more = faults - first.length;
  return [
    `${read}: ${faults} ${faults === 1 ? 'fault' : 'faults'}.`,
    ...lines,
    ...(more > 0 ? [`  and ${more} more`] : []),
    ...missingKeyLines(keysMissing),
  ].join('\n');
};

const people = (count: number): string => (count === 1 ? '1 person' : `${count} people`);

const missingKeyLines = ({
  erased,
  unknown,
}: LogVerification['keysMissing']): readonly string[] => [
  ...(erased.length === 0
    ? []
    : [`The text of ${people(erased.length)} was erased: the keys were destroyed.`]),
  ...(unknown.length === 0
    ? []
    : [
        `The keys of ${people(unknown.length)} are not in this database, so their text cannot be read until the rows ` +
          'of personal_keys are restored from a backup:',
        ...unknown.map((userId) => `  ${userId}`),
      ]),
];

/** Holds the mirror of a log in EventStoreDB against the server; `undefined` where the log is in PostgreSQL. */
const onServer = async (
  config: Config,
  { log }: { readonly log: EventStore },
  upTo: bigint,
  { logger, signal }: { readonly logger: Logger; readonly signal: AbortSignal },
): Promise<ServerComparison | undefined> => {
  if (config.eventStoreUrl === undefined) return undefined;
  const server = await openEventStoreDbLog(config, { logger });
  const progress = await logProgress('Comparing with the server', log, upTo);
  try {
    return await compareWithServer({
      ...{ server, mirror: log, upTo, signal },
      onProgress: (position) => {
        progress.update(position);
      },
    });
  } finally {
    progress.stop();
    await server.close();
  }
};

const serverLines = ({ digest, faults, first, cut, kept }: ServerComparison): readonly string[] => [
  faults === 0
    ? `The server has the same, but for what was cut there. Its digest is ${digest}`
    : `The server differs: ${faults} ${faults === 1 ? 'fault' : 'faults'}.`,
  ...first.map(({ position, stream, fault }) => `  ${position} ${stream}: ${fault}`),
  ...(cut.length === 0
    ? []
    : [
        `${cut.length} of its streams were cut there; the mirror has them whole (${kept} events more):`,
        ...cut.map(({ stream, how }) => `  ${stream}: ${how}`),
      ]),
];

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
  addLogMirror(log);
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
      const opening = openLog(config, {
        ...{ logger, signal, embedded: 'join', evenIfGone: true },
      });
      const opened = await interruptible(signal, opening);
      const head = await opened.log.headPosition();
      const progress = await logProgress('Verifying', opened.log, head);
      try {
        const findings = await verifyLog({
          ...{ log: opened.log, personalKeys: opened.personalKeys, signal },
          ...(options.expect === undefined ? {} : { expectedDigest: options.expect }),
          onProgress: (position) => {
            progress.update(position);
          },
        });
        progress.stop();
        const server = await onServer(config, opened, findings.position, { logger, signal });
        await writeLine(
          options.json === true
            ? json({ ...findings, ...(server ? { server } : {}) })
            : [summaryOf(findings), ...(server ? serverLines(server) : [])].join('\n'),
        );
        const differs = server !== undefined && server.faults > 0;
        if (findings.faults > 0 || differs) process.exitCode = exitCodes.failed;
      } finally {
        progress.stop();
        await opened.close();
      }
    });
};
