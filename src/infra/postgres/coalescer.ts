interface Pending<Request, Answer> {
  readonly request: Request;
  readonly key: string | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/** How many requests go together, and how many groups are under way at once. */
interface Limits<Request> {
  readonly most: number;
  readonly flights: number;
  /** Requests of one key that wait for the same round trip are sent once, and share the answer. */
  readonly keyOf?: (request: Request) => string;
}

/**
 * Requests that arrive while others are in flight go out together in the next round trip. `run` answers a
 * group in its order; an error fails the whole group.
 */
export class Coalescer<Request, Answer> {
  readonly #run: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly #limits: Limits<Request>;
  #queue: Pending<Request, Answer>[] = [];
  readonly #waiting = new Map<string, Promise<Answer>>();
  #flights = 0;

  constructor(
    run: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    limits: Limits<Request>,
  ) {
    this.#run = run;
    this.#limits = limits;
  }

  ask(request: Request): Promise<Answer> {
    const key = this.#limits.keyOf?.(request);
    const same = key === undefined ? undefined : this.#waiting.get(key);
    if (same) return same;
    const answer = new Promise<Answer>((resolve, reject) => {
      this.#queue.push({ request, key, resolve, reject });
    });
    if (key !== undefined) this.#waiting.set(key, answer);
    if (this.#flights < this.#limits.flights) void this.#fly();
    return answer;
  }

  async #fly(): Promise<void> {
    this.#flights += 1;
    // Requests of the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, this.#limits.most);
      // Whoever asks from now on may know of something newer.
      for (const { key } of group) if (key !== undefined) this.#waiting.delete(key);
      try {
        const answers = await this.#run(group.map(({ request }) => request));
        group.forEach(({ resolve, reject }, index) => {
          const answer = answers[index];
          if (answer === undefined) reject(new Error('a coalesced request got no answer'));
          else resolve(answer);
        });
      } catch (error) {
        for (const { reject } of group) reject(error);
      }
    }
    this.#flights -= 1;
  }
}
