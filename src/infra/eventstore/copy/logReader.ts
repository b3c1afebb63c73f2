import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import type { CopiedLog } from './copyTarget.js';
import { patiently } from './patiently.js';

const PAGE = 2_000;

/** Reads a log page by page; at its end it can be asked again later. */
export class LogReader {
  readonly #log: Pick<CopiedLog, 'readAll'>;
  readonly #signal: AbortSignal;
  #buffered: readonly RecordedEvent[] = [];
  #after: bigint;

  constructor(log: Pick<CopiedLog, 'readAll'>, signal: AbortSignal, after = 0n) {
    this.#log = log;
    this.#signal = signal;
    this.#after = after;
  }

  /** What has been read, but not taken. */
  get buffered(): readonly RecordedEvent[] {
    return this.#buffered;
  }

  /** Reads on when everything was taken. @returns whether there is anything to take */
  async fill(): Promise<boolean> {
    for (let end = false; this.#buffered.length === 0 && !end;) {
      const signal = this.#signal;
      const read = { after: this.#after, maxCount: PAGE, signal };
      const page = await patiently(() => this.#log.readAll(read), signal);
      this.#buffered = page.events;
      this.#after = page.position;
      ({ end } = page);
    }
    return this.#buffered.length > 0;
  }

  take(amount: number): readonly RecordedEvent[] {
    const taken = this.#buffered.slice(0, amount);
    this.#buffered = this.#buffered.slice(amount);
    return taken;
  }
}
