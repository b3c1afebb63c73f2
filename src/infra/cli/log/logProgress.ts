import type { EventStore } from '../../../commands/ports/eventStore.js';
import { progressOf } from '../terminal/progress.js';

/** Shows how far in the log something is. */
export interface LogProgress {
  /** @param upTo where it will end, where that has changed */
  update(position: bigint, upTo?: bigint): void;
  stop(): void;
}

/** Counts events, whatever positions are; on standard error, once it has taken a second. @param upTo where it will end */
export const logProgress = async (
  label: string,
  log: Pick<EventStore, 'ordinalsAt'>,
  upTo: bigint,
): Promise<LogProgress> => {
  const [events = 0n] = await log.ordinalsAt([upTo]);
  const progress = progressOf(label, Number(events), 'events');
  let wanted: readonly bigint[] | undefined;
  let counting = false;
  const count = async (): Promise<void> => {
    counting = true;
    try {
      while (wanted) {
        const positions = wanted;
        wanted = undefined;
        const [done = 0n, total] = await log.ordinalsAt(positions);
        progress.update(Number(done), total === undefined ? undefined : Number(total));
      }
    } catch {
      // What is shown is not worth failing for.
    } finally {
      counting = false;
    }
  };
  return {
    update: (position, end) => {
      wanted = end === undefined ? [position] : [position, end];
      if (!counting) void count();
    },
    stop: () => {
      wanted = undefined;
      progress.stop();
    },
  };
};
