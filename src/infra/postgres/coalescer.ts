interface Pending<Request, Answer> {
  readonly request: Request;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Requests that arrive while others are in flight go out together in the next round trip. `run` answers a
 * group in its order; an error fails the whole group.
 */
export class Coalescer<Request, Answer> {
  readonly #run: (requests: readonly Request[]) => Promise<readonly Answer[]>;
  readonly #most: number;
  readonly #flightsAtOnce: number;
  #queue: Pending<Request, Answer>[] = [];
  #flights = 0;

  constructor(
    run: (requests: readonly Request[]) => Promise<readonly Answer[]>,
    limits: { readonly most: number; readonly flights: number },
  ) {
    this.#run = run;
    this.#most = limits.most;
    this.#flightsAtOnce = limits.flights;
  }

  ask(request: Request): Promise<Answer> {
    return new Promise((resolve, reject) => {
      this.#queue.push({ request, resolve, reject });
      if (this.#flights < this.#flightsAtOnce) void this.#fly();
    });
  }

  async #fly(): Promise<void> {
    this.#flights += 1;
    // Requests of the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#queue.splice(0, this.#most);
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
