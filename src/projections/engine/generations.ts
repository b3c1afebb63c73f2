/**
 * A map that knows what was touched lately: everything ages together, and what was not touched since the last
 * time is forgotten.
 */
export class Generations<Value extends object> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The value, which counts as touched. */
  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined || this.#old.size === 0) return young;
    const value = this.#old.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value);
    if (this.#old.size > 0) this.#old.delete(key);
  }

  /** What was not touched since everything aged last. */
  old(): Iterable<readonly [string, Value]> {
    return this.#old;
  }

  *all(): Generator<readonly [string, Value]> {
    yield* this.#old;
    yield* this.#young;
  }

  /** Forgets what is old; the rest is, from now on. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}
