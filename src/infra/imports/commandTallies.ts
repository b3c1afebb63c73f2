import {
  CommandRejected,
  type CommandOutcome,
  type CommandRequest,
  type ExecuteCommand,
} from '../../commands/command.js';

/** How many were made, and how many were there already. */
export interface Tally {
  readonly added: number;
  readonly alreadyThere: number;
  readonly refused: number;
}

/** Why some were refused, with one of them. */
export interface Refusal {
  readonly code: string;
  readonly count: number;
  readonly example: string;
}

/** What many commands led to, in all. */
export interface CommandTotals {
  readonly events: number;
  /** The last position they wrote, for waiting on the read models; 0 when they wrote nothing. */
  readonly position: bigint;
  readonly refused: readonly Refusal[];
}

/** Gives commands and counts what becomes of them, kind by kind. */
export class CommandTallies<Kind extends string> {
  /** How many were given so far. */
  commands = 0;
  #events = 0;
  #position = 0n;
  readonly #execute: ExecuteCommand;
  readonly #progressed: () => void;
  readonly #tallies = new Map<Kind, { added: number; alreadyThere: number; refused: number }>();
  readonly #refusals = new Map<string, { count: number; example: string }>();

  constructor(execute: ExecuteCommand, progressed: () => void) {
    this.#execute = execute;
    this.#progressed = progressed;
  }

  /** @returns `undefined` for a command that was refused, which is counted; what else fails is thrown. */
  async command<Name extends CommandRequest['name']>(
    kind: Kind,
    what: string,
    request: CommandRequest<Name>,
  ): Promise<CommandOutcome | undefined> {
    try {
      const outcome = await this.#execute(request);
      this.#count(kind, outcome.appended > 0 ? 'added' : 'alreadyThere');
      this.#events += outcome.appended;
      if (outcome.position !== undefined && outcome.position > this.#position) {
        this.#position = outcome.position;
      }
      return outcome;
    } catch (error) {
      if (!(error instanceof CommandRejected)) throw error;
      this.refuse(kind, error.failure.code, `${what}: ${error.message}`);
      return undefined;
    } finally {
      this.commands += 1;
      this.#progressed();
    }
  }

  /** Counts as refused what could not even be asked. */
  refuse(kind: Kind, code: string, example: string): void {
    this.#count(kind, 'refused');
    const before = this.#refusals.get(code);
    if (before) before.count += 1;
    else this.#refusals.set(code, { count: 1, example });
  }

  of(kind: Kind): Tally {
    return this.#tallies.get(kind) ?? { added: 0, alreadyThere: 0, refused: 0 };
  }

  totals(): CommandTotals {
    return {
      events: this.#events,
      position: this.#position,
      refused: [...this.#refusals].map(([code, refusal]) => ({ code, ...refusal })),
    };
  }

  #count(kind: Kind, became: keyof Tally): void {
    const tally = this.#tallies.get(kind) ?? { added: 0, alreadyThere: 0, refused: 0 };
    tally[became] += 1;
    this.#tallies.set(kind, tally);
  }
}
