import {
  EventStoreError,
  type EventStore,
  type RecordedEvent,
} from '../../../commands/ports/eventStore.js';
import { CopyRefused, type CopyTarget } from './copyTarget.js';
import { patiently } from './patiently.js';

/** A log that can be told when an event was recorded elsewhere. */
export interface TakesCopies extends EventStore {
  appendCopies(
    stream: string,
    events: readonly RecordedEvent[],
    options: Parameters<EventStore['append']>[2],
  ): ReturnType<EventStore['append']>;
}

/** What goes in one append at most: a server's own limit is 1 MiB unless it is set. */
const APPEND_EVENTS = 500;
const APPEND_CHARACTERS = 256_000;

/**
 * Copies to a log that takes events by appends alone, one after the other: events that follow each other in one
 * stream together, each append at the exact revision. What was written before is found by its ids.
 */
export const byAppending = (log: TakesCopies): CopyTarget => ({
  log,
  write: async (events, after, { signal }) => {
    let position = after;
    for (const run of runsOf(events)) {
      const [first] = run;
      if (!first) continue;
      const { stream, revision } = first;
      const expectedRevision = revision === 0n ? 'no-stream' : revision - 1n;
      try {
        // Of an append whose answer was lost it is the second that finds out.
        const append = () => log.appendCopies(stream, run, { expectedRevision, signal });
        ({ position } = await patiently(append, signal));
      } catch (error) {
        throw refusalOf(error, first) ?? error;
      }
    }
    return position;
  },
});

/** Events that follow each other in one stream, as many as go in one append. */
function* runsOf(events: readonly RecordedEvent[]): Generator<readonly RecordedEvent[]> {
  let run: RecordedEvent[] = [];
  let characters = 0;
  for (const event of events) {
    const size = JSON.stringify(event.data).length + JSON.stringify(event.metadata).length;
    const full = run.length >= APPEND_EVENTS || characters + size > APPEND_CHARACTERS;
    if (run.length > 0 && (full || run[0]?.stream !== event.stream)) {
      yield run;
      run = [];
      characters = 0;
    }
    run.push(event);
    characters += size;
  }
  if (run.length > 0) yield run;
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
