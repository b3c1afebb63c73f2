import type { EventPlace } from '../../commands/ports/eventStore.js';
import type { RowsSite } from '../ports/buildSite.js';
import type { ProjectedEvent } from '../ports/projection.js';
import type { BuildPage } from './buildFeed.js';
import type { KeptRows } from './keptRows.js';
import { fallsTo } from './fallsTo.js';

/** The rows of one read model being made from the log, page by page, and kept in memory until they are written. */
export class RowsInHand {
  readonly #site: RowsSite;
  readonly #types: ReadonlySet<string>;
  /** By event id. */
  readonly #leftOut: { has(id: string): boolean };
  /** Of a share of the rows: whether an event falls to it. */
  #isOwn: ((event: ProjectedEvent) => boolean) | undefined;
  #memory: KeptRows | undefined;
  #seen: bigint;

  /**
   * @param options.memory absent where rows are written as they come
   * @param options.share of the rows, where they are divided
   */
  constructor(
    site: RowsSite,
    options: {
      readonly after: bigint;
      readonly leftOut: { has(id: string): boolean };
      readonly memory?: KeptRows;
      readonly share?: { readonly nth: number; readonly of: number } | undefined;
    },
  ) {
    this.#site = site;
    this.#types = new Set(site.projection.handles);
    this.#leftOut = options.leftOut;
    this.#isOwn = options.share && fallsTo(site.projection, options.share);
    this.#memory = options.memory;
    this.#seen = options.after;
  }

  /** The last position whose events are in the rows, be they in memory. */
  get seen(): bigint {
    return this.#seen;
  }

  /** What is in memory of them, in kilobytes; an estimate. */
  get size(): number {
    return this.#memory?.size ?? 0;
  }

  /** Takes what is wanted of a page, up to a position. @returns how many events that was */
  async apply(page: BuildPage, to: bigint = page.position): Promise<number> {
    if (page.after > this.#seen) {
      throw new Error(`events between ${this.#seen} and ${page.after} were not given`);
    }
    // The log's door has checked that the data are those of the type.
    const wanted = page.events.filter(
      (event): event is typeof event & ProjectedEvent => event.position <= to && this.wants(event),
    );
    const events = this.#isOwn ? wanted.filter(this.#isOwn) : wanted;
    if (events.length > 0) {
      const { projection } = this.#site;
      await this.#site.inTransaction((tx) => projection.project(events, tx), this.#memory);
    }
    const reached = page.position < to ? page.position : to;
    if (reached > this.#seen) this.#seen = reached;
    return events.length;
  }

  /** Whether an event is still to be applied: of a type that is handled, and not left out for good. */
  wants(event: EventPlace): boolean {
    return (
      event.position > this.#seen && this.#types.has(event.type) && !this.#leftOut.has(event.id)
    );
  }

  /** Writes the rows that were not touched lately, to have room. */
  async makeRoom(): Promise<void> {
    await this.#spill('cold');
  }

  /** Writes everything that is in memory. */
  async write(): Promise<void> {
    await this.#spill('all');
  }

  /** From now on rows are written as they come. */
  async writeThrough(): Promise<void> {
    await this.write();
    this.#memory = undefined;
  }

  /** From now on every event falls to it. */
  becomeWhole(): void {
    this.#isOwn = undefined;
  }

  async #spill(which: 'cold' | 'all'): Promise<void> {
    const memory = this.#memory;
    if (memory) await this.#site.inTransaction((tx) => memory.spill(tx, which), memory);
  }
}
