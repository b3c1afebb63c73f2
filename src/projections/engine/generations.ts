/**
 * A map that knows what was touched lately: everything ages together, and what was not touched since the last
 * time is forgotten.
 */
export class Generations<Value> {
  #young = new Map<string, Value>();
  #old = new Map<string, Value>();

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  has(key: string): boolean {
    return this.#young.has(key) || this.#old.has(key);
  }

  /** The value, which counts as touched. */
  get(key: string): Value | undefined {
    const young = this.#young.get(key);
    if (young !== undefined || this.#old.size === 0) return young;
    const value = this.#old.get(key);
    if (value !== undefined) this.set(key, value);
    return value;
  }

  /** The value, without touching it. */
  peek(key: string): Value | undefined {
    return this.#young.get(key) ?? this.#old.get(key);
  }

  set(key: string, value: Value): void {
    this.#young.set(key, value);
    if (this.#old.size > 0) this.#old.delete(key);
  }

  /** Puts another value in the place of one, without touching it. */
  replace(key: string, value: Value): void {
    if (this.#young.has(key)) this.#young.set(key, value);
    else if (this.#old.has(key)) this.#old.set(key, value);
  }

  delete(key: string): boolean {
    return this.#young.delete(key) || this.#old.delete(key);
  }

  /** What was not touched since everything aged last. */
  oldKeys(): string[] {
    return [...this.#old.keys()];
  }

  /** Forgets what is old; the rest is, from now on. */
  age(): void {
    this.#old = this.#young;
    this.#young = new Map();
  }
}
