import { InvalidArgumentError, Option, type Command } from 'commander';
import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import { eventTypes } from '../../../domain/eventTypes.js';
import { amount, id, moment, oneOf, position, someOf } from '../terminal/argumentParsers.js';
import { Interrupted, UsageError } from '../exitCodes.js';
import { growingTable } from '../terminal/growingTable.js';
import { withLog } from './logSession.js';
import { json, OutputClosed, write } from '../terminal/output.js';
import { selectedEvents, type EventSelection } from './selectedEvents.js';
import { stopSignal } from '../stopSignal.js';

type Options = Omit<EventSelection, 'types' | 'correlationId'> & {
  readonly type?: readonly string[];
  readonly correlation?: string;
  readonly follow?: true;
  readonly raw?: true;
  readonly format: string;
};

/** What the names of streams begin with. */
const CATEGORIES = ['movie', 'collection', 'viewing', 'account', 'library'];
/** So many characters are handed over at once: one write for each line would be most of the work. */
const CHUNK = 64 * 1024;

const text = (value: string): string => {
  if (value.trim() === '') throw new InvalidArgumentError('it is empty');
  return value;
};

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

/** How pages of events become lines. */
const formats: Readonly<
  Record<string, () => (events: readonly RecordedEvent[]) => readonly string[]>
> = {
  ndjson: () => (events) => events.map(asLine),
  table: () => {
    const table = growingTable(['position', 'recorded', 'type', 'stream', 'revision']);
    return (events) =>
      table.lines(
        events.map(({ position, recordedAt, type, stream, revision }) => [
          ...[String(position), recordedAt.toISOString(), type, stream, String(revision)],
        ]),
      );
  },
};

/** At the pace of whoever reads. */
const writeLines = async (lines: readonly string[]): Promise<void> => {
  let chunk = '';
  for (const line of lines) {
    chunk += `${line}\n`;
    if (chunk.length >= CHUNK) {
      await write(chunk);
      chunk = '';
    }
  }
  if (chunk !== '') await write(chunk);
};

/** @throws {UsageError} what cannot be: it would print nothing, which looks like an answer */
const checked = (options: Options): EventSelection => {
  const { type, correlation, since, until, after, upTo } = options;
  if (options.follow && (until !== undefined || upTo !== undefined)) {
    throw new UsageError('Give --follow, or an end with --until or --up-to, not both.');
  }
  if (since && until && since >= until) throw new UsageError('--since must be before --until.');
  if (after !== undefined && upTo !== undefined && after >= upTo) {
    throw new UsageError('--after must be before --up-to.');
  }
  return {
    ...options,
    ...(type === undefined ? {} : { types: type }),
    ...(correlation === undefined ? {} : { correlationId: correlation }),
  };
};

const print = async (options: Options): Promise<void> => {
  const selection = checked(options);
  const signal = stopSignal();
  const asLines = (formats[options.format] ?? formats.ndjson)?.();
  await withLog(signal, { raw: options.raw === true }, async (log) => {
    const following = { follow: options.follow === true, signal };
    try {
      for await (const events of selectedEvents(log, selection, following)) {
        if (asLines) await writeLines(asLines(events));
        if (signal.aborted) break;
      }
    } catch (error) {
      if (error instanceof OutputClosed) return;
      if (!signal.aborted) throw error;
    }
    // Stopping is how one ends following; anything else is not all there by then.
    if (signal.aborted && !options.follow) {
      throw new Interrupted('Interrupted before all events were printed.');
    }
  });
};

export const addEvents = (program: Command): void => {
  program
    .command('events')
    .description('print events of the log, oldest first')
    .addOption(
      new Option('--stream <name>', 'only this stream')
        .argParser(text)
        .conflicts(['category', 'user']),
    )
    .addOption(
      new Option('--category <name>', `only streams of this kind: ${CATEGORIES.join(', ')}`)
        .argParser(oneOf(CATEGORIES))
        .conflicts('user'),
    )
    .option('--user <id>', 'only the streams of this person', id)
    .option(
      '--type <names>',
      'only these types, by comma or repeated',
      someOf(Object.keys(eventTypes)),
    )
    .option('--correlation <id>', 'only what the act with this correlation id led to', text)
    .option('--since <time>', 'recorded at or after this time (ISO 8601)', moment)
    .option('--until <time>', 'recorded before this time', moment)
    .option('--after <position>', 'after this position of the log', position)
    .option('--up-to <position>', 'up to this position, included', position)
    .option('--limit <n>', 'at most so many', amount)
    .option('--follow', 'go on with what is appended from now on, until Ctrl-C')
    .option('--raw', 'as stored: old versions of events as they are, personal text encrypted')
    .addOption(
      new Option('--format <name>', 'one JSON object per line, or a table for reading')
        .choices(Object.keys(formats))
        .default('ndjson'),
    )
    .addHelpText(
      'after',
      `
A day without a time begins at midnight UTC.

Examples:
  reellog events --type MovieWatched --since 2026-01-01
  reellog events --stream movie-22cb58cc-a26c-580e-b82d-0082d33871e9 --format table
  reellog events --category viewing | jq -r .data.playId
  reellog events --follow --after "$(cat position)"
`,
    )
    .action(print);
};
