import type { EventStore } from '../../commands/ports/eventStore.js';
import { type BuildPhase, type BuildProgress } from '../ports/builds.js';
import type { BuildSite } from '../ports/buildSite.js';
import type { ProjectedEvent, ProjectionTransaction } from '../ports/projection.js';
import type { Lead } from '../ports/readModelStore.js';
import { logPages, type BuildPage } from './buildFeed.js';
import { KeptRows } from './keptRows.js';

/** One read model being made anew by this process. */
export class BuildInHand {
  readonly site: BuildSite;
  readonly lead: Lead;
  readonly #types: ReadonlySet<string>;
  /** Left out for good, by event id. */
  readonly #discarded: ReadonlySet<string>;
  #memory: KeptRows | undefined;
  #phase: BuildPhase;
  #seen: bigint;
  #events = 0n;
  target: bigint;

  constructor(
    site: BuildSite,
    options: {
      readonly lead: Lead;
      readonly discarded: ReadonlySet<string>;
      readonly target: bigint;
    },
  ) {
    const { build, projection } = site;
    this.site = site;
    this.lead = options.lead;
    this.target = options.target;
    this.#discarded = options.discarded;
    this.#types = new Set(projection.handles);
    this.#seen = site.checkpoint;
    this.#events = build.events;
    // What was served before has its indexes, and no gap to fill but the last.
    this.#phase = build.rollsBack ? 'catching-up' : 'replaying';
    this.#memory = build.rollsBack ? undefined : new KeptRows(site);
  }

  get name(): string {
    return this.site.build.name;
  }

  /** The last position whose events are in the rows, be they in memory. */
  get seen(): bigint {
    return this.#seen;
  }

  get isReplaying(): boolean {
    return this.#phase === 'replaying';
  }

  /** How many rows are in memory. */
  get rows(): number {
    return this.#memory?.size ?? 0;
  }

  get progress(): BuildProgress {
    return {
      state: this.#phase,
      position: this.#seen,
      target: this.target,
      events: this.#events,
    };
  }

  /** Takes what it wants of a page of the log into its rows. */
  async apply(page: BuildPage): Promise<void> {
    const events = this.#wanted(page, page.position);
    if (events.length > 0) {
      const { projection } = this.site;
      await this.site.inTransaction((tx) => projection.project(events, tx), this.#memory);
      this.#events += BigInt(events.length);
    }
    if (page.position > this.#seen) this.#seen = page.position;
  }

  /** Writes the rows that were not touched lately, to have room. */
  async makeRoom(): Promise<void> {
    const memory = this.#memory;
    if (memory) await this.site.inTransaction((tx) => memory.spill(tx, 'cold'), memory);
  }

  /** Writes everything and commits: an interrupted build goes on from here. */
  async save(): Promise<void> {
    const memory = this.#memory;
    if (memory) await this.site.inTransaction((tx) => memory.spill(tx, 'all'), memory);
    await this.site.commit(this.#seen);
  }

  /** The replay is at its end: what is left is written, and found by keys from now on. */
  async index(): Promise<void> {
    this.#phase = 'indexing';
    await this.save();
    this.#memory = undefined;
    await this.site.makeIndexes();
    this.#phase = 'catching-up';
  }

  /** Takes in what was appended meanwhile, to the end of the log, and is served. */
  async serve(eventStore: EventStore, signal: AbortSignal): Promise<void> {
    const { handles: types } = this.site.projection;
    for await (const page of logPages(eventStore, { after: this.#seen, types, signal })) {
      await this.apply(page);
      await this.site.commit(this.#seen);
    }
    // Little can be left; whoever writes the rows of before waits for it.
    await this.site.serve((tx, to) => this.#catchUp(eventStore, tx, to, signal));
  }

  async #catchUp(
    eventStore: EventStore,
    tx: ProjectionTransaction,
    to: bigint,
    signal: AbortSignal,
  ): Promise<readonly string[]> {
    const { projection } = this.site;
    const types = projection.handles;
    for await (const page of logPages(eventStore, { after: this.#seen, types, signal })) {
      const events = this.#wanted(page, to);
      if (events.length > 0) await projection.project(events, tx);
      if (page.position >= to) break;
    }
    this.#seen = to;
    return [projection.name];
  }

  #wanted(page: BuildPage, to: bigint): ProjectedEvent[] {
    if (page.after > this.#seen) {
      throw new Error(`events between ${this.#seen} and ${page.after} were not given`);
    }
    // The log's door has checked that the data are those of the type.
    return page.events.filter(
      (event): event is ProjectedEvent =>
        event.position > this.#seen &&
        event.position <= to &&
        this.#types.has(event.type) &&
        !this.#discarded.has(event.id),
    );
  }
}
