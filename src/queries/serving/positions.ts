/**
 * How far this process knows each read model to be, its cache included: whoever reports a position has dropped
 * the answers that changed on the way to it.
 */
export class ReachedPositions {
  readonly #positions = new Map<string, bigint>();
  readonly #waiting = new Set<() => void>();

  reached(name: string, position: bigint): void {
    if (position <= (this.#positions.get(name) ?? -1n)) return;
    this.#positions.set(name, position);
    for (const wake of this.#waiting) wake();
  }

  /** A read model begins anew. */
  forget(name: string): void {
    this.#positions.delete(name);
  }

  /** What was known may not be true any more. */
  forgetAll(): void {
    this.#positions.clear();
  }

  /** The position that all of them have reached; 0 when nothing is known of one. */
  of(names: readonly string[]): bigint {
    let least: bigint | undefined;
    for (const name of names) {
      const position = this.#positions.get(name) ?? 0n;
      if (least === undefined || position < least) least = position;
    }
    return least ?? 0n;
  }

  /** Resolves with `true` once all have reached the position, with `false` after the limit or an abort. */
  waitFor(
    names: readonly string[],
    position: bigint,
    { limitMs, signal }: { readonly limitMs: number; readonly signal?: AbortSignal },
  ): Promise<boolean> {
    if (this.of(names) >= position) return Promise.resolve(true);
    return new Promise((resolve) => {
      const done = (answer: boolean) => {
        this.#waiting.delete(look);
        clearTimeout(timer);
        signal?.removeEventListener('abort', giveUp);
        resolve(answer);
      };
      const look = () => {
        if (this.of(names) >= position) done(true);
      };
      const giveUp = () => {
        done(false);
      };
      const timer = setTimeout(giveUp, limitMs);
      signal?.addEventListener('abort', giveUp, { once: true });
      this.#waiting.add(look);
      if (signal?.aborted) giveUp();
    });
  }
}
