import type { ShareWorker, StartShareWorker } from '../ports/shares.js';
import type { SharesInHand } from './sharesInHand.js';

/** The workers beside a builder: each has one share of every build that is divided into so many. */
export class ShareWorkers {
  readonly #start: StartShareWorker;
  readonly #workers = new Map<number, ShareWorker>();

  constructor(start: StartShareWorker) {
    this.#start = start;
  }

  /** @param options.onLost is told of a worker that cannot go on */
  start(
    builds: readonly SharesInHand[],
    options: {
      readonly workers: number;
      readonly pace: number | undefined;
      readonly onLost: (error: unknown) => void;
    },
  ): void {
    const left = builds.flatMap((build) => build.left.map((share) => ({ build, share })));
    for (const nth of new Set(left.map(({ share }) => share.nth))) {
      const own = left.filter(({ share }) => share.nth === nth);
      const shares = own.map(({ share }) => share);
      const worker = this.#start({ shares, workers: options.workers }, (word) => {
        own.find(({ share }) => share.build === word.build)?.build.hear(word);
      });
      worker.pace(options.pace);
      this.#workers.set(nth, worker);
      void worker.ended.catch(options.onLost).then(() => {
        this.#workers.delete(nth);
        for (const { build } of own) build.lose(nth);
      });
    }
  }

  /** Waits until nobody works on the shares of a build any more. */
  async letGo(build: SharesInHand): Promise<void> {
    const worked = build.left.filter(({ nth }) => this.#workers.has(nth));
    for (const { nth, build: id } of worked) this.#workers.get(nth)?.letGo(id);
    await Promise.all(worked.map(({ nth }) => build.isFree(nth)));
  }

  pace(eventsPerSecond: number | undefined): void {
    for (const worker of this.#workers.values()) worker.pace(eventsPerSecond);
  }

  async stop(): Promise<void> {
    const workers = [...this.#workers.values()];
    for (const worker of workers) worker.stop();
    await Promise.allSettled(workers.map(({ ended }) => ended));
  }
}
