import type { Command } from 'commander';
import type { Logger } from 'pino';
import { createVerifier } from '../../../../projections/engine/verify/verification.js';
import { projections } from '../../../../projections/projections.js';
import type { Reellog } from '../../../composition/service.js';
import { blamesEvent } from '../../../readModels/parking/poison.js';
import { createScratchSites } from '../../../readModels/scratch/scratchSites.js';
import { amount } from '../../terminal/argumentParsers.js';
import { Interrupted, RowsDiffer, RowsNotCompared, UsageError } from '../../exitCodes.js';
import { writeLine } from '../../terminal/output.js';
import { progressOf } from '../../terminal/progress.js';
import { withReellog } from '../../session.js';
import { stopSignal } from '../../stopSignal.js';
import { asJson, asText, type Formatter } from './formatters.js';

interface Options {
  readonly all?: true;
  readonly json?: true;
  readonly limit?: number;
  readonly throttle?: number;
}

/** Differences shown of a read model, where nobody says how many. */
const SHOWN = 20;

export const addVerify = (program: Command): void => {
  program
    .command('verify')
    .description('hold read models against a rebuild, row by row, while the service goes on')
    .argument('[name...]', 'the read models')
    .option('--all', 'all of them')
    .option(
      '--limit <rows>',
      `show so many differences of each read model; all are counted; default ${SHOWN}, and with --json all`,
      amount,
    )
    .option('--throttle <events per second>', 'read no more than this; 0: all it can', amount)
    .option('--json', 'a line of JSON for each difference, and one for each read model')
    .addHelpText(
      'after',
      '\nRead models are made anew in schemas of their own, which are dropped in the end, and compared at exactly one\n' +
        'position. A row can be missing in what is served, surplus, or differ. Ends with 5 where a row does.\n' +
        '\nExamples:\n' +
        '  reellog verify stats streaks\n' +
        '  reellog verify --all --throttle 5000\n' +
        '  reellog verify --all --json | jq \'select(.kind == "differs")\'\n',
    )
    .action(async (given: readonly string[], options: Options) => {
      if ((given.length === 0) !== (options.all === true)) {
        throw new UsageError('Name the read models to verify, or say --all.');
      }
      const signal = stopSignal();
      await withReellog(signal, async (reellog, logger) => {
        const names = options.all === true ? reellog.engine.names : [...new Set(given)];
        await verify(reellog, logger, { ...options, names, signal });
      });
    });
};

const verify = async (
  { database, eventStore }: Reellog,
  logger: Logger,
  options: Options & { readonly names: readonly string[]; readonly signal: AbortSignal },
): Promise<void> => {
  const { names, signal, throttle = 0 } = options;
  const verifier = createVerifier({
    ...{ eventStore, projections },
    scratch: createScratchSites(database, logger),
    parking: { blames: blamesEvent },
  });
  const formatter: Formatter =
    options.json === true
      ? asJson(options.limit)
      : asText(options.limit ?? SHOWN, Math.max(...names.map(({ length }) => length)));
  const [events = 0n] = await eventStore.ordinalsAt([await eventStore.headPosition()]);
  const progress = progressOf('Replaying', Number(events), 'events');
  const differing: string[] = [];
  const notCompared: string[] = [];
  const findings = verifier.verify(names, {
    signal,
    ...(throttle === 0 ? {} : { eventsPerSecond: throttle }),
    onProgress: (read, of) => {
      progress.update(Number(read), Number(of));
    },
  });
  try {
    for await (const finding of findings) {
      progress.stop();
      for (const line of formatter(finding)) await writeLine(line);
      if (!('verdict' in finding)) continue;
      const { name, verdict } = finding;
      if (verdict.outcome === 'not-compared') notCompared.push(name);
      else if (Object.values(verdict.counts).some((rows) => rows > 0)) differing.push(name);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
    throw new Interrupted('Interrupted: what was made anew is dropped.');
  } finally {
    progress.stop();
  }
  if (differing.length > 0) {
    throw new RowsDiffer(
      `Rows differ in ${differing.join(', ')}: "reellog rebuild ${differing.join(' ')}" makes them anew.`,
    );
  }
  if (notCompared.length > 0) throw new RowsNotCompared(`Not compared: ${notCompared.join(', ')}.`);
};
