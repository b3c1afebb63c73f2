import type { EventStore } from '../../commands/ports/eventStore.js';
import type { EngineLog } from '../ports/engineLog.js';
import type { Parking } from '../ports/parking.js';
import { logPages, Throttle, type BuildPage } from './buildFeed.js';
import { makeRoom, MOST_KEPT_KILOBYTES } from './keptRows.js';
import type { RowsInHand } from './rowsInHand.js';
import { sideBySide } from './sideBySide.js';
import type { FilledSite } from '../ports/buildSite.js';

/** What a replay works with. */
export interface ReplayDependencies {
  readonly eventStore: EventStore;
  readonly parking: Pick<Parking, 'blames'>;
  readonly log: EngineLog;
  /** Of rows in memory, of all builds together; default `MOST_KEPT_KILOBYTES`. */
  readonly mostKilobytes?: number;
  /** How long may be lost by an interruption, in milliseconds; default 30,000. */
  readonly saveMs?: number;
  readonly pageSize?: number;
}

/** What is made beside others from one read of the log. */
export interface Replayed extends Pick<RowsInHand, 'seen' | 'size' | 'makeRoom'> {
  readonly name: string;
  readonly site: FilledSite;
  /** Whether its rows are still being made from what was in the log at the beginning. */
  readonly isReplaying: boolean;
  /** Whether it wants more of that. */
  readonly isReading: boolean;
  apply(page: BuildPage): Promise<void>;
  /** Writes everything and commits: an interrupted build goes on from here. */
  save(): Promise<void>;
}

export const SAVE_MS = 30_000;

/** Those that are made from one read of the log. */
export class ReplayCrew<Member extends Replayed> {
  readonly members = new Set<Member>();
  readonly throttle = new Throttle();
  readonly #with: ReplayDependencies;
  readonly #signal: AbortSignal;
  readonly #onFailed: (member: Member, error: Error) => Promise<void>;
  #savedAt = performance.now();

  /** @param onFailed dismisses one that cannot go on for a reason of its own */
  constructor(
    dependencies: ReplayDependencies,
    options: {
      readonly signal: AbortSignal;
      readonly onFailed: (member: Member, error: Error) => Promise<void>;
    },
  ) {
    this.#with = dependencies;
    this.#signal = options.signal;
    this.#onFailed = options.onFailed;
  }

  /** Reads the log until nobody wants more of it, or to its end. @param workers who share the room for rows */
  async replay(workers: number): Promise<void> {
    const { eventStore, pageSize } = this.#with;
    const reading = () => [...this.members].filter(({ isReading }) => isReading);
    const first = reading();
    if (first.length === 0) return;
    const pages = logPages(eventStore, {
      after: first.map(({ seen }) => seen).reduce((a, b) => (b < a ? b : a)),
      types: [...new Set(first.flatMap(({ site }) => site.projection.handles))],
      signal: this.#signal,
      ...(pageSize === undefined ? {} : { pageSize }),
    });
    for await (const page of pages) {
      this.#signal.throwIfAborted();
      await this.each(reading(), (member) => member.apply(page));
      await this.#makeRoom(workers);
      if (reading().length === 0) return;
      await this.throttle.take(page.events.length, this.#signal);
    }
  }

  /** Lets each do its work, side by side; one that cannot go on for a reason of its own is dismissed. */
  each(members: readonly Member[], work: (member: Member) => Promise<void>): Promise<void> {
    const { parking, log } = this.#with;
    return sideBySide(members, this.#signal, async (member) => {
      // Dismissed while it waited for its turn.
      if (!this.members.has(member)) return;
      try {
        await work(member);
      } catch (error) {
        if (!this.members.has(member)) return;
        if (this.#signal.aborted || !(error instanceof Error) || !parking.blames(error)) {
          throw error;
        }
        log.error({ err: error, projection: member.name }, 'a read model cannot be built anew');
        await this.#onFailed(member, error);
      }
    });
  }

  /** Rows that were not touched for long are written when there are too many, and all of them now and then. */
  async #makeRoom(workers: number): Promise<void> {
    const { mostKilobytes = MOST_KEPT_KILOBYTES, saveMs = SAVE_MS } = this.#with;
    const members = [...this.members].filter(({ isReplaying }) => isReplaying);
    if (performance.now() - this.#savedAt > saveMs) {
      await this.each(members, (member) => member.save());
      this.#savedAt = performance.now();
    }
    await makeRoom(members, mostKilobytes / workers, () =>
      this.each(members, (member) => member.makeRoom()),
    );
  }
}
