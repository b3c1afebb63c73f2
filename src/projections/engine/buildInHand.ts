import type { EventStore } from '../../commands/ports/eventStore.js';
import { type BuildPhase, type BuildProgress } from '../ports/builds.js';
import type { BuildSite } from '../ports/buildSite.js';
import type { Lead } from '../ports/readModelStore.js';
import { logPages, type BuildPage } from './buildFeed.js';
import { KeptRows } from './keptRows.js';
import type { Replayed } from './replayCrew.js';
import { RowsInHand } from './rowsInHand.js';
import type { SharesInHand } from './sharesInHand.js';

/** One read model being made anew by this process. */
export class BuildInHand implements Replayed {
  readonly site: BuildSite;
  readonly lead: Lead;
  /** The shares beside this one, until they are joined. */
  #shares: SharesInHand | undefined;
  readonly #rows: RowsInHand;
  #phase: BuildPhase;
  #events = 0n;
  target: bigint;

  constructor(
    site: BuildSite,
    options: {
      readonly lead: Lead;
      readonly discarded: ReadonlySet<string>;
      readonly target: bigint;
      readonly shares?: SharesInHand | undefined;
    },
  ) {
    const { build } = site;
    this.site = site;
    this.lead = options.lead;
    this.target = options.target;
    this.#shares = options.shares;
    this.#events = build.events;
    // What was served before has its indexes, and no gap to fill but the last.
    this.#phase = build.rollsBack ? 'catching-up' : 'replaying';
    this.#rows = new RowsInHand(site, {
      after: site.checkpoint,
      leftOut: options.discarded,
      ...(build.rollsBack ? {} : { memory: new KeptRows(site) }),
      share: options.shares && { nth: 0, of: options.shares.of },
    });
  }

  get name(): string {
    return this.site.build.name;
  }

  /** The last position whose events are in the rows, be they in memory. */
  get seen(): bigint {
    return this.#rows.seen;
  }

  get isReplaying(): boolean {
    return this.#phase === 'replaying';
  }

  /** Of a build that is divided, the share in hand ends where the others do. */
  get isReading(): boolean {
    return this.isReplaying && (!this.#shares || this.seen < this.#shares.target);
  }

  get shares(): SharesInHand | undefined {
    return this.#shares;
  }

  /** What is in memory of them, in kilobytes; an estimate. */
  get size(): number {
    return this.#rows.size;
  }

  /** Of all shares together. */
  get progress(): BuildProgress {
    const { position = this.seen, events = 0n } = this.#shares ?? {};
    return {
      state: this.#phase,
      position: position < this.seen ? position : this.seen,
      target: this.target,
      events: this.#events + events,
    };
  }

  /** Takes what it wants of a page of the log into its rows. */
  async apply(page: BuildPage): Promise<void> {
    this.#shares?.throwIfFailed();
    this.#events += BigInt(await this.#rows.apply(page, this.#shares?.target));
  }

  /** Writes the rows that were not touched lately, to have room. */
  makeRoom(): Promise<void> {
    return this.#rows.makeRoom();
  }

  /** Writes everything and commits: an interrupted build goes on from here. */
  async save(): Promise<void> {
    await this.#rows.write();
    await this.site.commit(this.#rows.seen);
  }

  /**
   * Waits for the other shares and takes them in: from then on the build is one. An interruption meanwhile is to cost
   * no more than it did before.
   */
  async join(signal: AbortSignal, saveMs: number): Promise<void> {
    const shares = this.#shares;
    if (!shares) return;
    const soon = await shares.areDone(signal, saveMs);
    if (!soon) await this.save();
    await shares.areDone(signal);
    await this.#rows.writeThrough();
    await this.site.join(this.seen);
    await this.site.commit(this.seen);
    this.#rows.becomeWhole();
    this.#events += shares.events;
    this.#shares = undefined;
  }

  /** The replay is at its end: what is left is written, and found by keys from now on. */
  async index(): Promise<void> {
    this.#phase = 'indexing';
    await this.#rows.writeThrough();
    await this.site.commit(this.#rows.seen);
    await this.site.makeIndexes();
    this.#phase = 'catching-up';
  }

  /** Takes in what was appended meanwhile, to the end of the log. */
  async catchUp(eventStore: EventStore, signal: AbortSignal): Promise<void> {
    for await (const page of this.#pages(eventStore, signal)) {
      await this.apply(page);
      await this.site.commit(this.#rows.seen);
    }
  }

  /** Takes in the rest, and is served. */
  async serve(eventStore: EventStore, signal: AbortSignal): Promise<void> {
    // Little can be left; whoever writes the rows of before waits for it.
    await this.site.serve(async (to) => {
      for await (const page of this.#pages(eventStore, signal)) {
        await this.#rows.apply(page, to);
        if (page.position >= to) break;
      }
      return [this.name];
    });
  }

  /** From where the rows are to the end of the log. */
  #pages(eventStore: EventStore, signal: AbortSignal): AsyncGenerator<BuildPage, void> {
    const { handles: types } = this.site.projection;
    return logPages(eventStore, { after: this.#rows.seen, types, signal });
  }
}
