import { pause } from '../../../commands/ports/waiting.js';

const STEP_MS = 250;

/** Holds a replay back to a number of events a second. */
export class Throttle {
  /** Events a second; `undefined` for as many as can be. */
  limit: number | undefined;
  #due = 0;

  /** Waits until so many events more may be read. */
  async take(events: number, signal: AbortSignal): Promise<void> {
    const isHeld = () => this.limit !== undefined && performance.now() < this.#due;
    if (this.limit === undefined) return;
    this.#due = Math.max(this.#due, performance.now()) + (events / this.limit) * 1_000;
    // In short steps: the limit may be lifted meanwhile.
    while (isHeld() && !signal.aborted) {
      const wait = Math.min(this.#due - performance.now(), STEP_MS);
      await pause(wait, signal);
    }
  }
}
