import { LRUCache } from 'lru-cache';

/** An answer as it is sent. */
export interface Answer {
  readonly body: Buffer;
  /** Strong: changes with any byte of the body. */
  readonly etag: string;
}

interface Entry {
  readonly answer: Answer;
  readonly dependsOn: readonly string[];
}

/** An answer being read: it is kept only if nothing it depends on changed meanwhile. */
interface Reading {
  readonly dependsOn: ReadonlySet<string>;
  isVoid: boolean;
}

/** Answers ready to send, dropped by the keys they depend on. */
export class AnswerCache {
  readonly #entries: LRUCache<string, Entry>;
  readonly #byKey = new Map<string, Set<string>>();
  readonly #readings = new Set<Reading>();

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

  get size(): number {
    return this.#entries.size;
  }

  /** Reads an answer and keeps it, unless what it depends on changed while it was read. */
  async read(
    name: string,
    dependsOn: readonly string[],
    read: () => Promise<Answer | undefined>,
  ): Promise<Answer | undefined> {
    const reading: Reading = { dependsOn: new Set(dependsOn), isVoid: false };
    this.#readings.add(reading);
    try {
      const answer = await read();
      if (answer && !reading.isVoid) this.#keep(name, { answer, dependsOn });
      return answer;
    } finally {
      this.#readings.delete(reading);
    }
  }

  /** Drops the answers that depend on any of the keys. */
  invalidate(keys: Iterable<string>): void {
    for (const key of keys) {
      for (const reading of this.#readings) if (reading.dependsOn.has(key)) reading.isVoid = true;
      for (const name of [...(this.#byKey.get(key) ?? [])]) this.#entries.delete(name);
    }
  }

  clear(): void {
    for (const reading of this.#readings) reading.isVoid = true;
    this.#entries.clear();
    this.#byKey.clear();
  }

  #keep(name: string, entry: Entry): void {
    this.#entries.set(name, entry);
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
