import type { Share, ShareWord } from '../ports/shares.js';

/** The shares of one build that others work on, as the builder hears of them. */
export class SharesInHand {
  /** How many there are with the builder's own. */
  readonly of: number;
  /** Where all of them end. */
  readonly target: bigint;
  readonly #shares: readonly Share[];
  /** The last of each share. */
  readonly #words: Map<number, ShareWord>;
  readonly #waiting = new Set<() => void>();

  constructor(shares: readonly [Share, ...(readonly Share[])]) {
    const [{ of, target }] = shares;
    this.of = of;
    this.target = target;
    this.#shares = shares;
    this.#words = new Map(
      shares.map(({ build, nth, checkpoint: position }) => [
        nth,
        { build, nth, state: position < target ? 'replaying' : 'done', position, events: 0n },
      ]),
    );
  }

  /** Those that somebody has to work on. */
  get left(): readonly Share[] {
    return this.#shares.filter(({ nth }) => this.#words.get(nth)?.state === 'replaying');
  }

  /** How far the log was read for all of them. */
  get position(): bigint {
    return [...this.#words.values()]
      .map(({ position }) => position)
      .reduce((a, b) => (b < a ? b : a), this.target);
  }

  /** How many events were read for them here. */
  get events(): bigint {
    return [...this.#words.values()].reduce((sum, { events }) => sum + events, 0n);
  }

  hear(word: ShareWord): void {
    if (this.#words.get(word.nth)?.state === 'replaying') this.#words.set(word.nth, word);
    for (const wake of [...this.#waiting]) wake();
  }

  /** The worker of a share has ended, whether it said so or not. */
  lose(nth: number): void {
    const word = this.#words.get(nth);
    if (word) this.hear({ ...word, state: 'let-go' });
  }

  /** @throws {Error} with what a share failed with, or when one was let go */
  throwIfFailed(): void {
    for (const { nth, state, error } of this.#words.values()) {
      if (state === 'failed') throw new Error(error);
      if (state === 'let-go') throw new Error(`share ${nth} was let go`);
    }
  }

  /** Waits until all are done, or for so long. @throws as `throwIfFailed` does, and when the signal aborts */
  async areDone(signal: AbortSignal, ms?: number): Promise<boolean> {
    const isDone = () => {
      this.throwIfFailed();
      return [...this.#words.values()].every(({ state }) => state === 'done');
    };
    const late = ms === undefined ? undefined : AbortSignal.timeout(ms);
    await this.#until(() => isDone() || late?.aborted === true, late ? [signal, late] : [signal]);
    signal.throwIfAborted();
    return isDone();
  }

  /** Waits until nothing of a share is open any more. */
  async isFree(nth: number): Promise<void> {
    await this.#until(() => this.#words.get(nth)?.state !== 'replaying', []);
  }

  /** Looks again whenever something was heard or a signal aborted. */
  async #until(holds: () => boolean, signals: readonly AbortSignal[]): Promise<void> {
    const hasAborted = () => signals.some(({ aborted }) => aborted);
    while (!hasAborted() && !holds()) {
      await new Promise<void>((resolve) => {
        const wake = () => {
          this.#waiting.delete(wake);
          for (const signal of signals) signal.removeEventListener('abort', wake);
          resolve();
        };
        this.#waiting.add(wake);
        for (const signal of signals) signal.addEventListener('abort', wake, { once: true });
      });
    }
  }
}
