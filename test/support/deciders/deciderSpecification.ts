import { expect } from 'chai';
import {
  commandTypes,
  internalCommandTypes,
  type CommandName,
  type InternalCommandName,
} from '../../../src/domain/commandTypes.js';
import type { Decider } from '../../../src/domain/decider.js';
import type { EventType } from '../../../src/domain/eventType.js';
import { eventTypes, type DomainEvent } from '../../../src/domain/eventTypes.js';
import type { Rejection } from '../../../src/domain/rejection.js';
import { validator } from '../../../src/domain/validation.js';

interface NamedCommand {
  readonly type: CommandName | InternalCommandName;
  readonly data: unknown;
}

type Check = ReturnType<typeof validator>;
const eventChecks: ReadonlyMap<string, Check> = new Map(
  Object.entries<EventType>(eventTypes).map(([name, type]) => [name, validator(type.schema)]),
);
const commandChecks: ReadonlyMap<string, Check> = new Map(
  Object.entries({ ...commandTypes, ...internalCommandTypes }).map(([name, schema]) => [
    name,
    validator(schema),
  ]),
);

/** What an event's schema says against it; empty when it may be stored. */
export const schemaErrorsOf = ({ type, data }: DomainEvent): readonly string[] =>
  errorsOf(eventChecks.get(type), data).map((error) => `${type}.${error}`);

/** What a command's schema says against it; empty when it would pass the edge. */
export const commandErrorsOf = ({ type, data }: NamedCommand): readonly string[] =>
  errorsOf(commandChecks.get(type), data).map((error) => `${type}.${error}`);

const errorsOf = (check: Check | undefined, data: unknown): readonly string[] => {
  const checked = check?.(data) ?? { ok: false, errors: [{ field: '', message: 'is not known' }] };
  return checked.ok ? [] : checked.errors.map(({ field, message }) => `${field} ${message}`);
};

/** The outcome of one command on a history. */
export interface Outcome<Event> {
  /** Accepted, with exactly these events. */
  readonly then: (...expected: readonly Event[]) => void;
  /** Accepted, and nothing changes. */
  readonly thenNothing: () => void;
  /** Accepted, with events of these types, for a closer look. */
  readonly thenEvents: () => readonly Event[];
  readonly thenRejected: (kind: Rejection['kind'], code: string) => Rejection;
}

/**
 * Given a history, when a command is given, then these events: specifications of a decider as data. Commands and
 * events of a specification must pass their schemas, so that it tells of what can happen.
 */
export const specificationOf = <State, Command extends NamedCommand, Event extends DomainEvent>({
  initialState,
  decide,
  evolve,
}: Decider<State, Command, Event>) => ({
  given: (...history: readonly Event[]) => ({
    when: (command: Command): Outcome<Event> => {
      expect(history.flatMap(schemaErrorsOf), 'the history').to.deep.equal([]);
      expect(commandErrorsOf(command), 'the command').to.deep.equal([]);
      const decision = decide(command, history.reduce(evolve, initialState));
      const accepted = (): readonly Event[] => {
        if ('rejected' in decision) throw new Error(`rejected: ${JSON.stringify(decision)}`);
        expect(decision.accepted.flatMap(schemaErrorsOf), 'the events').to.deep.equal([]);
        return decision.accepted;
      };
      return {
        then: (...expected) => {
          expect(accepted()).to.deep.equal(expected);
        },
        thenNothing: () => {
          expect(accepted()).to.deep.equal([]);
        },
        thenEvents: accepted,
        thenRejected: (kind, code) => {
          if (!('rejected' in decision)) throw new Error(`accepted: ${JSON.stringify(decision)}`);
          expect(decision.rejected).to.include({ kind, code });
          expect(decision.rejected.message).to.match(/\w+ \w+/);
          return decision.rejected;
        },
      };
    },
  }),
});
