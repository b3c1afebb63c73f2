import type { Rejection } from './rejection.js';

/**
 * What a command led to: the events to append (none when it changes nothing, which is success) or the
 * rule that forbids it.
 */
export type Decision<Event> =
  { readonly accepted: readonly Event[] } | { readonly rejected: Rejection };

/**
 * The rules of one kind of stream, pure: no I/O, no clock, no chance. Time and ids come in on the command.
 * A stream's state is `events.reduce(evolve, initialState)`.
 */
export interface Decider<State, Command, Event> {
  readonly initialState: State;
  readonly decide: (command: Command, state: State) => Decision<Event>;
  readonly evolve: (state: State, event: Event) => State;
}

/** The command is right and these are the facts it makes. */
export const accept = <Event>(...events: readonly Event[]): Decision<Event> => ({
  accepted: events,
});

/** The command breaks a rule; nothing happens. */
export const reject = (rejection: Rejection): { readonly rejected: Rejection } => ({
  rejected: rejection,
});
