import type { EventPlace, EventStore, FoldedEvent } from '../../../commands/ports/eventStore.js';
import type { RowsSite, SitePlace } from '../../ports/rebuildSite.js';
import type { OwnerFold, ProjectedEvent } from '../../ports/projection.js';
import { pastOf, readPast } from '../past.js';
import type { RebuildPage } from './logPages.js';
import type { Owner } from './owners.js';

/**
 * The rows of one read model being made anew: owner by owner up to a position, where it says how they follow from
 * streams, then page by page.
 */
export class RebuiltRows {
  readonly #site: RowsSite;
  readonly #eventStore: Pick<EventStore, 'readBefore'>;
  readonly #types: ReadonlySet<string>;
  /** By event id. */
  readonly #leftOut: { has(id: string): boolean };
  /** While owners are read. */
  #fold: OwnerFold | undefined;
  #until: bigint;
  #lastOwner: string | undefined;
  #isAmidOwner = false;
  #seen: bigint;
  /** What stands in the way of going on. */
  #unreadable: { readonly position: bigint; readonly error: Error } | undefined;

  /** @param options.until up to where owners are read, where none were yet */
  constructor(
    site: RowsSite,
    options: {
      readonly eventStore: Pick<EventStore, 'readBefore'>;
      readonly place: SitePlace;
      readonly leftOut: { has(id: string): boolean };
      readonly until: bigint;
      /** Default: where its rows can be made so. */
      readonly byOwner?: boolean;
    },
  ) {
    const { place } = options;
    const { folds, handles } = site.projection;
    this.#site = site;
    this.#eventStore = options.eventStore;
    this.#types = new Set(handles);
    this.#leftOut = options.leftOut;
    this.#seen = place.checkpoint;
    this.#until = place.owners?.until ?? options.until;
    this.#lastOwner = place.owners?.last;
    const { byOwner = true } = options;
    if (byOwner && place.checkpoint === 0n) this.#fold = folds?.begin();
  }

  /** The last position whose events are in the rows; 0 until all owners are. */
  get seen(): bigint {
    return this.#seen;
  }

  /** Whether owners are still to be added, up to which position, and after which one. */
  get owners(): { readonly until: bigint; readonly last: string | undefined } | undefined {
    return this.#fold && { until: this.#until, last: this.#lastOwner };
  }

  /** Whether some of an owner's rows are there and others are not: then they must not be committed. */
  get isAmidOwner(): boolean {
    return this.#isAmidOwner;
  }

  /** What the rows have, as it is to be committed with them. */
  get place(): SitePlace {
    const last = this.#fold && this.#lastOwner;
    return {
      checkpoint: this.#seen,
      ...(last === undefined ? {} : { owners: { last, until: this.#until } }),
    };
  }

  /** Adds owners who come after those before. @returns how many events were folded */
  async add(owners: readonly Owner[]): Promise<number> {
    const fold = this.#fold;
    if (!fold) return 0;
    let count = 0;
    for (const owner of owners) {
      if (this.#lastOwner !== undefined && owner.id <= this.#lastOwner) continue;
      this.#throwIfUnreadable(this.#until);
      const streams: (readonly (FoldedEvent & ProjectedEvent)[])[] = [];
      for (const stream of owner.streams) {
        const events = stream.filter(this.#isFolded);
        if (events.length > 0) streams.push(events);
        count += events.length;
      }
      if (streams.length > 0) fold.add(streams, this.#site.rows);
      this.#isAmidOwner = owner.hasMore === true;
      if (this.#isAmidOwner) continue;
      fold.endOwner?.(this.#site.rows);
      this.#lastOwner = owner.id;
    }
    await this.#site.drain();
    return count;
  }

  /** Adds what owners came to together since the last time, before the rows are committed. */
  async addShared(): Promise<void> {
    const fold = this.#fold;
    if (fold?.addShared) await this.#site.inTransaction(async (tx) => fold.addShared?.(tx));
  }

  /** All owners are there. */
  async endOwners(): Promise<void> {
    if (!this.#fold) return;
    this.#throwIfUnreadable(this.#until);
    await this.addShared();
    this.#fold = undefined;
    this.#seen = this.#until;
  }

  /** Takes what is wanted of a page, up to a position. @returns how many events that was */
  async apply(page: RebuildPage, to: bigint = page.position): Promise<number> {
    if (page.after > this.#seen) {
      throw new Error(`events between ${this.#seen} and ${page.after} were not given`);
    }
    this.#throwIfUnreadable(page.position < to ? page.position : to);
    const events = page.events.filter(
      (event): event is typeof event & ProjectedEvent => event.position <= to && this.wants(event),
    );
    if (events.length > 0) {
      const { projection } = this.#site;
      const before = await readPast(this.#eventStore, events);
      const past = pastOf(before, projection, this.#leftOut);
      await this.#site.inTransaction((tx) => projection.project(events, tx, past));
    }
    const reached = page.position < to ? page.position : to;
    if (reached > this.#seen) this.#seen = reached;
    return events.length;
  }

  /** Whether an event is still to be applied: of a type that is handled, and not left out for good. */
  wants(event: EventPlace): boolean {
    return event.position > this.#seen && this.#isHandled(event);
  }

  /** An event cannot be read: that matters when it is reached. */
  unreadable(event: EventPlace, error: Error): void {
    if (!this.wants(event)) return;
    const first = this.#unreadable;
    if (first && first.position <= event.position) return;
    this.#unreadable = { position: event.position, error };
  }

  /** What could not be read is read again from here, and may be left out by now. */
  forgetUnreadable(): void {
    this.#unreadable = undefined;
  }

  readonly #isFolded = (event: FoldedEvent): event is FoldedEvent & ProjectedEvent =>
    event.position <= this.#until && this.#isHandled(event);

  #isHandled(event: Pick<EventPlace, 'id' | 'type'>): boolean {
    return this.#types.has(event.type) && !this.#leftOut.has(event.id);
  }

  #throwIfUnreadable(to: bigint): void {
    if (this.#unreadable && this.#unreadable.position <= to) throw this.#unreadable.error;
  }
}
