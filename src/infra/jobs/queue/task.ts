import {
  workKinds,
  type WorkAbout,
  type WorkKind,
  type WorkQueue,
} from '../../../commands/ports/workQueue.js';
import { validator } from '../../../domain/validation.js';

/** How one kind of work is done. */
export interface Task {
  readonly kind: WorkKind;
  /** It is stopped when it has taken so long, in milliseconds; default: a minute. */
  readonly limitMs?: number;
  /**
   * @param queue what it leads to may be further work
   * @returns what came of it, in a few words. What it throws is tried again later.
   */
  run(about: unknown, signal: AbortSignal, queue: WorkQueue): Promise<string>;
}

/** A task that is given what the queue has of its work, checked: it may be of another version of Reellog. */
export const task = <Kind extends WorkKind>(
  kind: Kind,
  run: (about: WorkAbout<Kind>, signal: AbortSignal, queue: WorkQueue) => Promise<string>,
  limits: Pick<Task, 'limitMs'> = {},
): Task => {
  const check = validator(workKinds[kind]);
  return {
    kind,
    ...limits,
    run: async (about, signal, queue) => {
      const checked = check(about);
      if (checked.ok) return run(checked.value, signal, queue);
      const [error] = checked.errors;
      throw new Error(`Work of kind ${kind} is malformed: ${error?.field} ${error?.message}`);
    },
  };
};
