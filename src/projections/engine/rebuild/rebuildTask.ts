import type { EventStore } from '../../../commands/ports/eventStore.js';
import type { RebuildSite } from '../../ports/rebuildSite.js';
import type { RebuildPhase, RebuildProgress } from '../../ports/rebuildStore.js';
import type { Projection } from '../../ports/projection.js';
import type { Lease } from '../../ports/readModelStore.js';
import { logPages, type RebuildPage } from './logPages.js';
import type { Owner } from './owners.js';
import { RebuiltRows } from './rebuiltRows.js';
import type { Replayed } from './replay.js';

/** One read model being made anew by this process. */
export class RebuildTask implements Replayed {
  readonly site: RebuildSite;
  readonly lease: Lease;
  /** Where the log ended when the replay began. */
  readonly target: bigint;
  readonly rows: RebuiltRows;
  readonly #eventStore: EventStore;
  /** How many events the log has up to the target. */
  readonly #ordinal: bigint;
  #phase: RebuildPhase;
  #events: bigint;

  constructor(
    site: RebuildSite,
    options: {
      readonly eventStore: EventStore;
      readonly lease: Lease;
      readonly discarded: ReadonlySet<string>;
      readonly target: bigint;
      readonly ordinal: bigint;
    },
  ) {
    const { rebuild, place } = site;
    this.site = site;
    this.lease = options.lease;
    this.target = place.owners?.until ?? options.target;
    this.#eventStore = options.eventStore;
    this.#ordinal = options.ordinal;
    this.#events = rebuild.events;
    // What was served before has its indexes, and no gap to fill but the last.
    this.#phase = rebuild.rollsBack ? 'catching-up' : 'replaying';
    this.rows = new RebuiltRows(site, {
      eventStore: options.eventStore,
      place,
      leftOut: options.discarded,
      until: this.target,
      byOwner: !rebuild.rollsBack,
    });
  }

  get name(): string {
    return this.site.rebuild.name;
  }

  get projection(): Projection {
    return this.site.projection;
  }

  get isReplaying(): boolean {
    return this.#phase === 'replaying';
  }

  /** While owners are read there is no place in the log: it is made of the share of its events that was read. */
  get progress(): RebuildProgress {
    const share = this.#ordinal === 0n ? 0n : (this.target * this.#events) / this.#ordinal;
    const reached = share < this.target ? share : this.target;
    return {
      state: this.#phase,
      position: this.rows.owners ? reached : this.rows.seen,
      target: this.target,
      events: this.#events,
    };
  }

  async add(owners: readonly Owner[]): Promise<void> {
    this.#events += BigInt(await this.rows.add(owners));
  }

  /** Takes what it wants of a page of the log into its rows. */
  async apply(page: RebuildPage): Promise<void> {
    this.#events += BigInt(await this.rows.apply(page));
  }

  /** Writes everything and commits, unless amid an owner: an interrupted rebuild goes on from here. */
  async save(): Promise<void> {
    if (this.rows.isAmidOwner) return;
    await this.rows.addShared();
    await this.site.commit(this.rows.place);
  }

  /** The replay is at its end: rows are found by keys from now on. */
  async index(): Promise<void> {
    this.#phase = 'indexing';
    await this.site.commit(this.rows.place);
    await this.site.makeIndexes();
    this.#phase = 'catching-up';
  }

  /** Takes in what was appended meanwhile, to the end of the log. */
  async catchUp(signal: AbortSignal): Promise<void> {
    for await (const page of this.#pages(signal)) {
      await this.apply(page);
      await this.site.commit(this.rows.place);
    }
  }

  /** Takes in the rest, and is served. */
  async serve(signal: AbortSignal): Promise<void> {
    // Little can be left; whoever writes the rows of before waits for it.
    await this.site.serve(async (to) => {
      for await (const page of this.#pages(signal)) {
        await this.rows.apply(page, to);
        if (page.position >= to) break;
      }
      return [this.name];
    });
  }

  /** From where the rows are to the end of the log. */
  #pages(signal: AbortSignal): AsyncGenerator<RebuildPage, void> {
    const { handles: types } = this.projection;
    this.rows.forgetUnreadable();
    return logPages(this.#eventStore, {
      ...{ after: this.rows.seen, types, signal },
      onUnreadable: (event, error) => {
        this.rows.unreadable(event, error);
      },
    });
  }
}
