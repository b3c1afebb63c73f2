import { expect } from 'chai';
import fc from 'fast-check';
import type { CommandName, InternalCommandName } from '../../../src/domain/commandTypes.js';
import type { Decider } from '../../../src/domain/decider.js';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { commandErrorsOf, schemaErrorsOf } from './deciderSpecification.js';
import { eventsOf, stepsWith, stored, type Step } from './deciderSteps.js';

const RUNS = 300;

interface NamedCommand {
  readonly type: CommandName | InternalCommandName;
  readonly data: unknown;
}

/** Says of any commands, given one after the other, what must be so. */
export type LawOf<State, Command, Event> = (
  check: (steps: readonly Step<State, Command, Event>[]) => void,
) => void;

/** Tries a law about a decider on commands of all kinds. */
export const lawsOf =
  <State, Command, Event>(
    decider: Decider<State, Command, Event>,
    commands: fc.Arbitrary<readonly Command[]>,
  ): LawOf<State, Command, Event> =>
  (check) => {
    fc.assert(
      fc.property(commands, (given) => {
        check(stepsWith(decider)(given));
      }),
      { numRuns: RUNS },
    );
  };

/**
 * Specifies the laws that every decider keeps. `again` names the commands that decide something a second time:
 * `refused` for taking away what is then gone, `recorded` for what is told anew each time.
 */
export const keepsTheLaws = <State, Command extends NamedCommand, Event extends DomainEvent>(
  { initialState, decide, evolve }: Decider<State, Command, Event>,
  lawOf: LawOf<State, Command, Event>,
  again: Readonly<Partial<Record<NamedCommand['type'], 'refused' | 'recorded'>>>,
): void => {
  it('is told by commands and recorded by events that fit their schemas', () => {
    lawOf((steps) => {
      expect(steps.flatMap(({ command }) => commandErrorsOf(command))).to.deep.equal([]);
      expect(eventsOf(steps).flatMap(schemaErrorsOf)).to.deep.equal([]);
    });
  });

  it('is there again when the log is replayed', () => {
    lawOf((steps) => {
      expect(stored(eventsOf(steps)).reduce(evolve, initialState)).to.deep.equal(
        steps.at(-1)?.after,
      );
    });
  });

  it('decides nothing the second time, unless it takes away or tells anew', () => {
    lawOf((steps) => {
      for (const { command, after, events, refused } of steps) {
        if (refused) continue;
        const expected = again[command.type];
        const second = decide(command, after);
        if (expected === 'refused') expect(second).to.have.property('rejected');
        else expect(second).to.deep.equal({ accepted: expected === 'recorded' ? events : [] });
      }
    });
  });

  it('changes nothing when it is refused, and asking changes nothing', () => {
    lawOf((steps) => {
      for (const { command, before, after, refused, events } of steps) {
        const asItWas = structuredClone(before);
        const asked = decide(command, before);
        expect('rejected' in asked ? [] : asked.accepted).to.deep.equal(events);
        expect('rejected' in asked).to.equal(refused);
        expect(before).to.deep.equal(asItWas);
        if (events.length === 0) expect(after).to.equal(before);
      }
    });
  });

  it('changes something with every event that is recorded, unless it is told anew', () => {
    lawOf((steps) => {
      for (const { command, before, events } of steps) {
        if (again[command.type] === 'recorded') continue;
        let state = before;
        for (const event of events) {
          const next = evolve(state, event);
          expect(next, event.type).not.to.deep.equal(state);
          state = next;
        }
      }
    });
  });
};
