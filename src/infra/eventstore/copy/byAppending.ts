import { setMaxListeners } from 'node:events';
import {
  EventStoreError,
  type AppendResult,
  type EventStore,
  type RecordedEvent,
} from '../../../commands/ports/eventStore.js';
import { CopyRefused, type CopiedLog, type CopyTarget } from './copyTarget.js';
import { patiently } from './patiently.js';

/** A log that can be told when an event was recorded elsewhere. */
export interface AppendsCopies {
  /**
   * Appends events of another log with the ids, metadata and times that they have there.
   * @param options.once fails where it would be sent again, because others were sent behind it
   */
  appendCopies(
    stream: string,
    events: readonly RecordedEvent[],
    options: Parameters<EventStore['append']>[2] & { readonly once?: boolean },
  ): Promise<AppendResult>;
}

/** The same, and it can be read. */
export interface TakesCopies extends CopiedLog, AppendsCopies {}

/** What goes in one append at most: a server's own limit is 1 MiB unless it is set. */
const APPEND_EVENTS = 500;
const APPEND_CHARACTERS = 256_000;

/** Appends without an answer at a time, at most: more of them make a server no faster. */
const IN_FLIGHT = 1_024;

/**
 * Copies to a log that takes events by appends alone: events that follow each other in one stream together, each append
 * at the exact revision. They are sent one after the other without waiting for answers; a server takes those of one
 * connection in the order in which they were sent. Where one fails, what follows is sent again one by one: what was
 * written all the same is found by its ids.
 */
export const byAppending = (log: TakesCopies): CopyTarget => {
  /** Fewer after each failure: a server that does not answer in time has too many. */
  let most = IN_FLIGHT;

  const append = (
    run: Run,
    options: { readonly signal: AbortSignal; readonly once?: boolean },
  ): Promise<AppendResult> => {
    const [{ revision, stream }] = run;
    const expectedRevision = revision === 0n ? 'no-stream' : revision - 1n;
    return log.appendCopies(stream, run, { ...options, expectedRevision });
  };

  /** Whether the connection's stream of appends is open: what is sent while it opens overtakes the first. */
  let opened = false;

  /** @returns the answers to those before the first that failed, and to some behind it */
  const sendAhead = async (
    runs: readonly Run[],
    signal: AbortSignal,
  ): Promise<ReadonlyMap<Run, AppendResult>> => {
    const answers = new Map<Run, AppendResult>();
    const sent: Promise<void>[] = [];
    const failures: unknown[] = [];
    for (const run of runs) {
      await sent[opened ? sent.length - most : 0];
      opened = sent.length > 0;
      if (failures.length > 0) break;
      const answered = append(run, { signal, once: true }).then(
        (result) => {
          answers.set(run, result);
        },
        (error: unknown) => {
          // Found again when it is sent again.
          failures.push(error);
        },
      );
      sent.push(answered);
    }
    await Promise.all(sent);
    if (failures.length > 0) {
      most = Math.max(1, Math.floor(most / 2));
      opened = false;
    }
    return answers;
  };

  return {
    log,
    write: async (events, after, { signal }) => {
      const runs = [...runsOf(events)];
      setMaxListeners(0, signal);
      const answers = await sendAhead(runs, signal);
      let last = after;
      for (const run of runs) {
        const [first] = run;
        try {
          const { position } =
            answers.get(run) ?? (await patiently(() => append(run, { signal }), signal));
          // A server may not tell the place of what was there already.
          if (position > 0n && position <= last) throw outOfOrder(first);
          if (position > last) last = position;
        } catch (error) {
          throw refusalOf(error, first) ?? error;
        }
      }
      return last;
    },
  };
};

/** An append was lost, and one behind it was not: a log cannot be put in order. */
const outOfOrder = ({ stream, revision }: RecordedEvent): CopyRefused =>
  new CopyRefused(
    `The target has ${stream} at revision ${revision} before events that it follows: some were lost on the way. ` +
      'This copy cannot be finished. Begin another in an empty log, or under another prefix of streams.',
  );

/** Events that follow each other in one stream. */
type Run = readonly [RecordedEvent, ...RecordedEvent[]];

/** As many as go in one append. */
function* runsOf(events: readonly RecordedEvent[]): Generator<Run> {
  let run: [RecordedEvent, ...RecordedEvent[]] | undefined;
  let characters = 0;
  for (const event of events) {
    const size = JSON.stringify(event.data).length + JSON.stringify(event.metadata).length;
    const full = (run?.length ?? 0) >= APPEND_EVENTS || characters + size > APPEND_CHARACTERS;
    if (run && !full && run[0].stream === event.stream) {
      run.push(event);
      characters += size;
    } else {
      if (run) yield run;
      run = [event];
      characters = size;
    }
  }
  if (run) yield run;
}

const refusalOf = (error: unknown, first: RecordedEvent): CopyRefused | undefined => {
  if (!(error instanceof EventStoreError)) return undefined;
  const where = `${first.stream} at revision ${first.revision}`;
  switch (error.failure.kind) {
    case 'wrong-expected-revision':
      return new CopyRefused(
        `The target does not take ${where}: it has ${
          error.failure.actual === undefined
            ? 'no such stream, so that the source lacks its beginning'
            : `revision ${error.failure.actual} of it`
        }. Stop what writes to it, and look with "reellog log verify" at both logs.`,
        { cause: error },
      );
    case 'stream-deleted':
      return new CopyRefused(
        `The target does not take ${where}: somebody has deleted that stream there for ever.`,
        { cause: error },
      );
    case 'too-large':
      return new CopyRefused(
        `The target does not take ${where}: an event is larger than it allows (${error.failure.limitBytes} bytes). ` +
          'Raise MaxAppendSize of the server.',
        { cause: error },
      );
    default:
      return undefined;
  }
};
