import type { Decider } from '../../../src/domain/decider.js';

/** One step of a stream's life: a command, what was there when it was given, and what became of it. */
export interface Step<State, Command, Event> {
  readonly command: Command;
  readonly before: State;
  readonly events: readonly Event[];
  readonly refused: boolean;
  readonly after: State;
}

/** What becomes of commands that are given one after the other, for laws about all of them. */
export const stepsWith =
  <State, Command, Event>({ initialState, decide, evolve }: Decider<State, Command, Event>) =>
  (
    commands: readonly Command[],
    from: State = initialState,
  ): readonly Step<State, Command, Event>[] => {
    let before = from;
    return commands.map((command) => {
      const decision = decide(command, before);
      const refused = 'rejected' in decision;
      const events = refused ? [] : decision.accepted;
      const after = events.reduce(evolve, before);
      const step = { command, before, events, refused, after };
      before = after;
      return step;
    });
  };

export const eventsOf = <Event>(
  steps: readonly { readonly events: readonly Event[] }[],
): readonly Event[] => steps.flatMap(({ events }) => events);

/** As the log gives events back. */
export const stored = <Event>(events: readonly Event[]): readonly Event[] =>
  JSON.parse(JSON.stringify(events)) as readonly Event[];
