import { InvalidArgumentError, type Command } from 'commander';
import { positionAt } from '../../eventstore/places/positionAt.js';
import { ReplayRefused } from '../../readModels/scratch/replay.js';
import type { Reellog } from '../../composition/service.js';
import { id, moment, position } from '../terminal/argumentParsers.js';
import { Interrupted, UsageError } from '../exitCodes.js';
import { OutputClosed, write } from '../terminal/output.js';
import { progressOf } from '../terminal/progress.js';
import { withReellog } from '../session.js';
import { stopSignal } from '../stopSignal.js';

interface Options {
  readonly asOf?: bigint | Date;
  readonly user?: string;
  readonly table?: string;
}

const DAY_MS = 86_400_000;

/** A position of the log, a time, or the end of a day. */
const positionOrTime = (text: string): bigint | Date => {
  if (/^\d+$/.test(text)) return position(text);
  const time = moment(text);
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return time;
  if (time.getTime() > Date.now()) throw new InvalidArgumentError('it lies in the future');
  return new Date(Math.min(time.getTime() + DAY_MS - 1, Date.now()));
};

/** @throws {UsageError} it is yet to come */
const lastPosition = async (
  { eventStore }: Reellog,
  asOf: bigint | Date | undefined,
  signal: AbortSignal,
): Promise<bigint> => {
  const head = await eventStore.headPosition({ signal });
  if (asOf === undefined) return head;
  if (typeof asOf === 'bigint') {
    if (asOf <= head) return asOf;
    throw new UsageError(`The log ends at position ${head}.`);
  }
  if (asOf.getTime() > Date.now()) throw new UsageError('--as-of lies in the future.');
  return positionAt(eventStore, asOf, { signal });
};

const print = async (name: string, { asOf, ...options }: Options): Promise<void> => {
  const signal = stopSignal();
  await withReellog(signal, async (reellog) => {
    try {
      const upTo = await lastPosition(reellog, asOf, signal);
      const [events = 0n] = await reellog.eventStore.ordinalsAt([upTo]);
      const progress = progressOf('Replaying', Number(events), 'events');
      const pages = reellog.replay({
        ...{ name, upTo, signal, ...options },
        onProgress: (read) => {
          progress.update(Number(read));
        },
      });
      try {
        for await (const rows of pages) {
          // The bar would be in between where both go to a terminal.
          progress.stop();
          await write(rows.map(({ table, row }) => `{"table":"${table}","row":${row}}\n`).join(''));
        }
      } finally {
        progress.stop();
      }
    } catch (error) {
      if (error instanceof OutputClosed) return;
      if (signal.aborted) throw new Interrupted('Interrupted before all rows were printed.');
      if (error instanceof ReplayRefused) throw new UsageError(error.message);
      throw error;
    }
  });
};

export const addReplay = (program: Command): void => {
  program
    .command('replay')
    .description('print the rows that a read model had at a moment, made anew from the log')
    .argument('<name>', 'the read model')
    .option(
      '--as-of <moment>',
      'a position of the log, a time (ISO 8601) or a day, which counts to its end in UTC; else now',
      positionOrTime,
    )
    .option('--user <id>', 'only what this person did: takes a moment however long the log is', id)
    .option('--table <name>', 'only this table')
    .addHelpText(
      'after',
      `
Prints a line of JSON for each row: {"table":…,"row":…}. What is served is not touched.

Examples:
  reellog replay stats --as-of 2026-06-30 --user 0198c2f4-6f1e-7cc3-9b5e-2f6d3e1a4b5c
  reellog replay catalogue --as-of 4711 | jq .row.title
  reellog replay history --table plays > plays.ndjson
`,
    )
    .action(print);
};
