import { InvalidArgumentError, type Command } from 'commander';
import type { EventStore, LogFilter, RecordedEvent } from '../../commands/ports/eventStore.js';
import { eventTypes } from '../../domain/eventTypes.js';
import { UsageError } from './exitCodes.js';
import { json, OutputClosed, table, writeLine } from './output.js';
import { withReellog } from './session.js';
import { stopSignal } from './stopSignal.js';

interface Options {
  readonly stream?: string;
  readonly category?: string;
  readonly type?: readonly string[];
  readonly since?: Date;
  readonly until?: Date;
  readonly after?: bigint;
  readonly limit?: number;
  readonly table?: true;
}

const PAGE = 1_000;
/** What the names of streams begin with. */
const CATEGORIES = ['movie', 'viewing', 'account', 'library'];

const moment = (text: string): Date => {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new InvalidArgumentError('not a date or time');
  return date;
};

const position = (text: string): bigint => {
  if (!/^\d{1,19}$/.test(text)) throw new InvalidArgumentError('not a position');
  return BigInt(text);
};

const amount = (text: string): number => {
  if (!/^\d{1,15}$/.test(text)) throw new InvalidArgumentError('not a number');
  return Number(text);
};

/** A name that there is not would select nothing, which looks like an answer. */
const oneOf = (text: string, names: readonly string[]): string => {
  const name = text.trim();
  if (!names.includes(name)) throw new InvalidArgumentError(`there are: ${names.join(', ')}`);
  return name;
};

const category = (text: string): string => oneOf(text, CATEGORIES);

const types = (text: string, before: readonly string[] | undefined): readonly string[] => [
  ...(before ?? []),
  ...text.split(',').map((name) => oneOf(name, Object.keys(eventTypes))),
];

/**
 * The position before the first event recorded at or after a time, found by halving, for times never go back in
 * the log. Only where every number is a position.
 */
const positionBefore = async (eventStore: EventStore, time: Date): Promise<bigint> => {
  let low = 0n;
  let high = await eventStore.headPosition();
  while (low < high) {
    const middle = (low + high) / 2n;
    const { events } = await eventStore.readAll({ after: middle, maxCount: 1 });
    const [event] = events;
    if (event && event.recordedAt < time) low = middle + 1n;
    else high = middle;
  }
  return low;
};

async function* selected(
  eventStore: EventStore,
  options: Options,
  signal: AbortSignal,
): AsyncGenerator<RecordedEvent> {
  const prefixes = options.category === undefined ? undefined : [`${options.category}-`];
  const filter: LogFilter = {
    ...(options.type === undefined ? {} : { types: options.type }),
    ...(options.stream === undefined
      ? prefixes === undefined
        ? {}
        : { streamPrefixes: prefixes }
      : { streamPrefixes: [options.stream] }),
  };
  const since =
    options.since && eventStore.gaplessPositions
      ? await positionBefore(eventStore, options.since)
      : undefined;
  let after = options.after ?? 0n;
  if (since !== undefined && since > after) after = since;
  let left = options.limit ?? Number.POSITIVE_INFINITY;
  for (let end = false; !end && left > 0 && !signal.aborted;) {
    const page = await eventStore.readAll({ after, maxCount: PAGE, filter });
    for (const event of page.events) {
      if (options.since !== undefined && event.recordedAt < options.since) continue;
      if (options.until !== undefined && event.recordedAt >= options.until) return;
      if (options.stream !== undefined && event.stream !== options.stream) continue;
      if (left <= 0) return;
      left -= 1;
      yield event;
    }
    after = page.position;
    end = page.end;
  }
}

const asLine = (event: RecordedEvent): string =>
  json({
    position: event.position,
    stream: event.stream,
    revision: event.revision,
    id: event.id,
    type: event.type,
    recordedAt: event.recordedAt.toISOString(),
    data: event.data,
    metadata: event.metadata,
  });

export const addEvents = (program: Command): void => {
  program
    .command('events')
    .description('print events of the log, one JSON object per line')
    .option('--stream <name>', 'only this stream')
    .option(
      '--category <name>',
      'only streams of this kind: movie, viewing, account, library',
      category,
    )
    .option('--type <names>', 'only these types, by comma or repeated', types)
    .option('--since <time>', 'recorded at or after this time (ISO 8601)', moment)
    .option('--until <time>', 'recorded before this time', moment)
    .option('--after <position>', 'after this position of the log', position)
    .option('--limit <n>', 'at most so many', amount)
    .option('--table', 'a table for reading instead of JSON')
    .addHelpText(
      'after',
      `
Examples:
  reellog events --type MovieWatched --since 2026-01-01
  reellog events --stream movie-22cb58cc-a26c-580e-b82d-0082d33871e9 --table
  reellog events --category viewing | jq -r .data.playId
`,
    )
    .action(async (options: Options) => {
      if (options.stream !== undefined && options.category !== undefined) {
        throw new UsageError('Give --stream or --category, not both.');
      }
      const signal = stopSignal();
      await withReellog(signal, async ({ eventStore }) => {
        try {
          const rows: Record<string, string>[] = [];
          for await (const event of selected(eventStore, options, signal)) {
            if (options.table !== true) {
              await writeLine(asLine(event));
              continue;
            }
            rows.push({
              position: event.position.toString(),
              recorded: event.recordedAt.toISOString(),
              type: event.type,
              stream: event.stream,
              revision: event.revision.toString(),
            });
            if (rows.length >= PAGE) await writeLine(table(rows.splice(0)));
          }
          if (rows.length > 0) await writeLine(table(rows));
        } catch (error) {
          if (!(error instanceof OutputClosed)) throw error;
        }
      });
    });
};
