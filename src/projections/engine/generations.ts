/** Names a row within its table: by the first column of its key, mostly a person, and by the rest as one text. */
export interface RowKey {
  readonly first: string;
  readonly rest: string;
}

/** Values by key. */
interface Level<Value> {
  readonly size: number;
  get(first: string, rest: string): Value | undefined;
  set(first: string, rest: string, value: Value): void;
  delete(first: string, rest: string): void;
  /** By the order of keys: rows that are asked for together, such as a person's, then lie together. */
  inOrder(): Iterable<readonly [RowKey, Value]>;
}

/** For keys of one column. */
class FlatLevel<Value extends object> implements Level<Value> {
  readonly #values = new Map<string, Value>();

  get size(): number {
    return this.#values.size;
  }

  get(first: string): Value | undefined {
    return this.#values.get(first);
  }

  set(first: string, _rest: string, value: Value): void {
    this.#values.set(first, value);
  }

  delete(first: string): void {
    this.#values.delete(first);
  }

  *inOrder(): Generator<readonly [RowKey, Value]> {
    for (const [first, value] of inOrder(this.#values)) yield [{ first, rest: '' }, value];
  }
}

/** For the others: a map of maps needs no text put together of a whole key, to be hashed anew each time. */
class NestedLevel<Value extends object> implements Level<Value> {
  readonly #byFirst = new Map<string, Map<string, Value>>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(first: string, rest: string): Value | undefined {
    return this.#byFirst.get(first)?.get(rest);
  }

  set(first: string, rest: string, value: Value): void {
    let values = this.#byFirst.get(first);
    if (!values) this.#byFirst.set(first, (values = new Map<string, Value>()));
    const before = values.size;
    values.set(rest, value);
    this.#size += values.size - before;
  }

  delete(first: string, rest: string): void {
    const values = this.#byFirst.get(first);
    if (!values?.delete(rest)) return;
    this.#size -= 1;
    if (values.size === 0) this.#byFirst.delete(first);
  }

  *inOrder(): Generator<readonly [RowKey, Value]> {
    for (const [first, values] of inOrder(this.#byFirst)) {
      for (const [rest, value] of inOrder(values)) yield [{ first, rest }, value];
    }
  }
}

const inOrder = <Value>(
  values: ReadonlyMap<string, Value>,
): readonly (readonly [string, Value])[] =>
  [...values].sort(([a], [b]) => (a < b ? -1 : Number(a > b)));

/**
 * Values by key that knows what was touched lately: everything ages together, and what was not touched since the
 * last time is forgotten.
 */
export class Generations<Value extends object> {
  readonly #newLevel: () => Level<Value>;
  #young: Level<Value>;
  #old: Level<Value>;

  /** @param columns how many columns keys have */
  constructor(columns: number) {
    this.#newLevel = () => (columns === 1 ? new FlatLevel<Value>() : new NestedLevel<Value>());
    this.#young = this.#newLevel();
    this.#old = this.#newLevel();
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  /** The value, which counts as touched. */
  get(first: string, rest: string): Value | undefined {
    const young = this.#young.get(first, rest);
    if (young !== undefined || this.#old.size === 0) return young;
    const value = this.#old.get(first, rest);
    if (value !== undefined) this.set(first, rest, value);
    return value;
  }

  set(first: string, rest: string, value: Value): void {
    this.#young.set(first, rest, value);
    if (this.#old.size > 0) this.#old.delete(first, rest);
  }

  /** What was not touched since everything aged last. */
  old(): Iterable<readonly [RowKey, Value]> {
    return this.#old.inOrder();
  }

  *all(): Generator<readonly [RowKey, Value]> {
    yield* this.#old.inOrder();
    yield* this.#young.inOrder();
  }

  /** Forgets what is old; the rest is, from now on. */
  age(): void {
    this.#old = this.#young;
    this.#young = this.#newLevel();
  }
}
