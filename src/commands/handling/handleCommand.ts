import pRetry from 'p-retry';
import type { Decider, Decision } from '../../domain/decider.js';
import type { CommandCall } from './call.js';
import { CommandRejected, SYSTEM, type CommandOutcome } from '../command.js';
import type { Loaded, LoadOptions } from './loadedStreams.js';
import {
  EventStoreError,
  isEventStoreFailure,
  stoppedWaiting,
  type EventToAppend,
} from '../ports/eventStore.js';
import { earlierAttempt } from './earlierAttempt.js';
import { keyReused } from './idempotency.js';
import type { CommandServices } from './services.js';

export interface NamedEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** Loads other streams as new as the attempt wants them. */
export type Load = <State, Event>(
  stream: string,
  decider: Decider<State, never, Event>,
) => Promise<Loaded<State>>;

/** Where and how one command is decided. */
export interface Handling<State, Command, Event extends NamedEvent> {
  readonly stream: string;
  readonly decider: Decider<State, Command, Event>;
  /**
   * The domain's command; built anew for every attempt, because what it looks up may have changed. Other streams that
   * are loaded before `loaded` is there are asked for together with it, which the log answers at once.
   */
  readonly command: (load: Load) => (loaded: Loaded<State>) => Command | Promise<Command>;
  /** The id of what the command is about. */
  readonly id: string;
  /** The id of what was there already, of a command that changes nothing, where it may be another one. */
  readonly idThere?: (command: Command, state: State) => string;
  /** Whether such events made something that was not there before; those that begin a stream always do. */
  readonly creates?: (events: readonly NamedEvent[]) => boolean;
}

/** A lost race is decided again on what is there now, at most so often. */
const RACES = 10;
const RACE_FIRST_MS = 4;
const RACE_LAST_MS = 250;
/** When the log did not answer it may have appended all the same; the same event ids find out. */
const UNANSWERED = 2;

/**
 * Loads the stream, decides, appends with the revision that was read. Commands of this process on one stream
 * take turns; a race that another process won is decided again.
 */
export const handleCommand = async <State, Command, Event extends NamedEvent>(
  services: CommandServices,
  call: CommandCall,
  handling: Handling<State, Command, Event>,
): Promise<CommandOutcome> => {
  const { signal } = call;
  try {
    return await services.inTurn(
      handling.stream,
      () => untilDecided(services, call, handling),
      signal,
    );
  } catch (error) {
    // Between two attempts it is not the log that tells.
    const told = error instanceof EventStoreError || error instanceof CommandRejected;
    throw signal?.aborted && !told ? stoppedWaiting(signal) : error;
  }
};

const untilDecided = async <State, Command, Event extends NamedEvent>(
  services: CommandServices,
  call: CommandCall,
  handling: Handling<State, Command, Event>,
): Promise<CommandOutcome> => {
  try {
    return await firstAttempt(services, call, handling);
  } catch (error) {
    // What was faster may have been this very command, given to another process under the same key.
    if (!lostRace(error)) throw error;
  }
  try {
    return await pRetry(
      // What keeps losing may have been folded from a past that the log has not: it is folded from the beginning.
      (attempts) => attempt(services, call, handling, { anew: attempts > 1 }),
      {
        retries: RACES,
        minTimeout: RACE_FIRST_MS,
        maxTimeout: RACE_LAST_MS,
        randomize: true,
        shouldRetry: ({ error }) => lostRace(error),
        ...(call.signal ? { signal: call.signal } : {}),
      },
    );
  } catch (error) {
    if (!lostRace(error)) throw error;
    if (isEventStoreFailure(error, 'event-id-taken')) throw keyReused({ cause: error });
    throw new CommandRejected(
      {
        kind: 'contended',
        code: 'contended',
        message: 'Too many commands change this at once. Try again in a moment.',
      },
      { cause: error },
    );
  }
};

/**
 * Where reads of the newest are dear, decides on what is known: a state that is behind loses its race. What would
 * append nothing loses none, so that it is decided once more on the newest.
 */
const firstAttempt = async <State, Command, Event extends NamedEvent>(
  services: CommandServices,
  call: CommandCall,
  handling: Handling<State, Command, Event>,
): Promise<CommandOutcome> => {
  if (services.eventStore.readsMayLag) {
    try {
      const outcome = await attempt(services, call, handling, { mayLag: true });
      if (outcome.appended > 0) return outcome;
    } catch (error) {
      if (!(error instanceof CommandRejected) && !lostRace(error)) throw error;
    }
  }
  return attempt(services, call, handling, {});
};

const attempt = async <State, Command, Event extends NamedEvent>(
  services: CommandServices,
  call: CommandCall,
  handling: Handling<State, Command, Event>,
  reading: Pick<LoadOptions, 'mayLag' | 'anew'>,
): Promise<CommandOutcome> => {
  const { eventStore, streams } = services;
  const { stream, decider, command, id, creates } = handling;
  const { signal, precondition = () => true } = call;
  const commandOn = command((other, of) => streams.load(other, of, { signal, ...reading }));
  const loaded = await streams.load(stream, decider, { signal, ...reading });
  if (call.keyed && loaded.derivedIds.has(call.eventId(stream, 0))) {
    return earlierOutcome(services, call, handling);
  }
  if (!precondition(loaded.revision)) throw mismatch(loaded.revision);
  const decided = await commandOn(loaded);
  const events = eventsOf(decider.decide(decided, loaded.state));
  if (events.length === 0) {
    return {
      stream,
      ...(loaded.revision === undefined ? {} : { revision: loaded.revision }),
      appended: 0,
      id: handling.idThere?.(decided, loaded.state) ?? id,
      created: false,
    };
  }
  const toAppend = events.map((event, index) => recorded(event, stream, call, index));
  const options = {
    expectedRevision: loaded.revision ?? ('no-stream' as const),
    ...(signal ? { signal } : {}),
  };
  const append = () => eventStore.append(stream, toAppend, options);
  const result = await append().catch((error: unknown) => {
    if (!unanswered(error)) throw error;
    return pRetry(append, {
      retries: UNANSWERED,
      minTimeout: 50,
      randomize: true,
      shouldRetry: ({ error: again }) => unanswered(again),
      ...(signal ? { signal } : {}),
    });
  });
  // Another process had appended it already, and may have decided on another state.
  if (result.revision !== (loaded.revision ?? -1n) + BigInt(events.length)) {
    return earlierOutcome(services, call, handling);
  }
  streams.appended(
    stream,
    decider,
    loaded,
    events,
    toAppend.map(({ id: own }) => own),
  );
  return {
    stream,
    revision: result.revision,
    position: result.position,
    appended: events.length,
    id,
    created: loaded.revision === undefined || (creates?.(events) ?? false),
  };
};

/** What the attempt under the same key came to whose events are in the stream. */
const earlierOutcome = async <State, Command, Event extends NamedEvent>(
  { eventStore }: CommandServices,
  call: CommandCall,
  { stream, id, creates }: Handling<State, Command, Event>,
): Promise<CommandOutcome> => {
  const own = await earlierAttempt(eventStore, stream, call);
  const [first] = own;
  const last = own.at(-1);
  if (!first || !last) throw new Error(`the events of command ${call.commandId} left ${stream}`);
  return {
    stream,
    revision: last.revision,
    position: last.position,
    appended: own.length,
    id,
    created: first.revision === 0n || (creates?.(own) ?? false),
  };
};

const recorded = (
  event: NamedEvent,
  stream: string,
  call: CommandCall,
  index: number,
): EventToAppend => ({
  id: call.eventId(stream, index),
  type: event.type,
  data: event.data,
  metadata: {
    correlationId: call.correlationId,
    causationId: call.causationId,
    ...(call.actor === SYSTEM ? {} : { userId: call.actor.userId }),
    // The domain event store stamps the version of the event type's schema.
    schemaVersion: 1,
    ...(call.traceparent === undefined ? {} : { traceparent: call.traceparent }),
  },
});

const eventsOf = <Event>(decision: Decision<Event>): readonly Event[] => {
  if ('rejected' in decision) throw new CommandRejected(decision.rejected);
  return decision.accepted;
};

/** Nobody knows what became of the append. */
const unanswered = (error: unknown): boolean =>
  isEventStoreFailure(error, 'unavailable') || isEventStoreFailure(error, 'timeout');

/** Another process changed the stream, be it by this very command with other events. */
const lostRace = (error: unknown): boolean =>
  isEventStoreFailure(error, 'wrong-expected-revision') ||
  isEventStoreFailure(error, 'event-id-taken');

const mismatch = (actual: bigint | undefined): CommandRejected =>
  new CommandRejected({
    kind: 'revision-mismatch',
    code: 'revision-mismatch',
    message:
      actual === undefined
        ? 'There is nothing here yet, and the request requires that there is.'
        : `This is at revision ${actual}, which the request does not allow. Read it again, then decide.`,
    ...(actual === undefined ? {} : { actual }),
  });
