import { LRUCache } from 'lru-cache';

/** An answer as it is sent. */
export interface Answer {
  /** JSON; a string, for Node sends a short one together with the headers, which a buffer is not. */
  readonly body: string;
  /** The body's length in bytes of UTF-8. */
  readonly bytes: number;
  /** Strong: changes with any byte of the body. */
  readonly etag: string;
  /** How long it may be kept at most, in milliseconds; default: as long as the others. */
  readonly keepMs?: number;
}

interface Entry {
  readonly answer: Answer;
  readonly dependsOn: readonly string[];
}

/** An answer being read. */
interface Reading {
  readonly dependsOn: ReadonlySet<string>;
  readonly answer: Promise<Answer | undefined>;
}

/** Answers ready to send, dropped by the keys they depend on. */
export class AnswerCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #byKey = new Map<string, Set<string>>();
  /** Those that nothing has changed for since they began: to be kept, and shared with whoever asks the same. */
  readonly #readings = new Map<string, Reading>();

  constructor(options: { readonly entries: number; readonly ttlMs: number }) {
    this.#entries = new LRUCache({
      max: options.entries,
      ttl: options.ttlMs,
      dispose: ({ dependsOn }, name) => {
        this.#unlink(name, dependsOn);
      },
    });
  }

  get(name: string): Answer | undefined {
    return this.#entries.get(name)?.answer;
  }

  /**
   * Reads an answer, once for all who ask at the same time, and keeps it, unless what it depends on changed
   * while it was read: then whoever asks next reads anew.
   */
  async read(
    name: string,
    dependsOn: readonly string[],
    read: () => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
    const shared = this.#readings.get(name);
    if (shared) return shared.answer;
    const reading: Reading = { dependsOn: new Set(dependsOn), answer: read() };
    this.#readings.set(name, reading);
    try {
      const answer = await reading.answer;
      if (answer && this.#readings.get(name) === reading) this.#keep(name, { answer, dependsOn });
      return answer;
    } finally {
      if (this.#readings.get(name) === reading) this.#readings.delete(name);
    }
  }

  /** Drops the answers that depend on any of the keys. */
  invalidate(keys: Iterable<string>): void {
    for (const key of keys) {
      for (const [name, { dependsOn }] of this.#readings) {
        if (dependsOn.has(key)) this.#readings.delete(name);
      }
      for (const name of [...(this.#byKey.get(key) ?? [])]) this.#entries.delete(name);
    }
  }

  /** How many answers are kept. */
  get size(): number {
    return this.#entries.size;
  }

  clear(): void {
    this.#readings.clear();
    this.#entries.clear();
    this.#byKey.clear();
  }

  #keep(name: string, entry: Entry): void {
    const { keepMs } = entry.answer;
    this.#entries.set(name, entry, keepMs === undefined ? {} : { ttl: keepMs });
    for (const key of entry.dependsOn) {
      const names = this.#byKey.get(key);
      if (names) names.add(name);
      else this.#byKey.set(key, new Set([name]));
    }
  }

  #unlink(name: string, dependsOn: readonly string[]): void {
    for (const key of dependsOn) {
      const names = this.#byKey.get(key);
      names?.delete(name);
      if (names?.size === 0) this.#byKey.delete(key);
    }
  }
}
