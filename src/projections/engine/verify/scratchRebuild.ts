import type { EventPlace, EventStore } from '../../../commands/ports/eventStore.js';
import type { Projection } from '../../ports/projection.js';
import {
  ServedRowsMoved,
  type LeftOutEvents,
  type ScratchSite,
  type ScratchSites,
  type ServedMoment,
  type ServedRows,
} from '../../ports/verification.js';
import { logPages, type RebuildPage } from '../rebuild/logPages.js';
import type { Owner } from '../rebuild/owners.js';
import { RebuiltRows } from '../rebuild/rebuiltRows.js';
import type { Replayed } from '../rebuild/replay.js';

/** What a scratch rebuild is made with. */
export interface ScratchDependencies {
  readonly eventStore: EventStore;
  readonly scratch: ScratchSites;
  readonly signal: AbortSignal;
}

/** One read model made anew up to where it is served, to be compared and thrown away. */
export class ScratchRebuild implements Replayed {
  readonly rows: RebuiltRows;
  readonly #site: ScratchSite;
  readonly #with: ScratchDependencies;
  #target: bigint;
  #leftOut: LeftOutEvents;

  private constructor(
    site: ScratchSite,
    from: { readonly served: ServedRows; readonly leftOut: LeftOutEvents },
    dependencies: ScratchDependencies,
  ) {
    this.#site = site;
    this.#with = dependencies;
    this.#target = from.served.position;
    this.#leftOut = from.leftOut;
    this.rows = new RebuiltRows(site, {
      eventStore: dependencies.eventStore,
      place: { checkpoint: 0n },
      // Those of the moment: events are parked and applied meanwhile.
      leftOut: { has: (id) => this.#leftOut.missing.has(id) },
      until: from.served.position,
    });
  }

  /** Begins before the first event. */
  static async open(
    projection: Projection,
    served: ServedRows,
    dependencies: ScratchDependencies,
  ): Promise<ScratchRebuild> {
    const { scratch, signal } = dependencies;
    // After the checkpoint: what was parked on the way to it is among them.
    const leftOut = await scratch.leftOut(projection.name);
    const site = await scratch.open(projection, { signal });
    return new ScratchRebuild(site, { served, leftOut }, dependencies);
  }

  get projection(): Projection {
    return this.#site.projection;
  }

  get target(): bigint {
    return this.#target;
  }

  async add(owners: readonly Owner[]): Promise<void> {
    await this.rows.add(owners);
  }

  async apply(page: RebuildPage): Promise<void> {
    await this.rows.apply(page, this.#target);
  }

  /**
   * Goes on to where the read model is served by now, and in the moment that is compared to exactly there.
   * @throws {ServedRowsMoved}
   */
  async catchUp(): Promise<ServedMoment> {
    await this.#site.commit();
    // The replay may have taken long: what came meanwhile is committed, and little is left for the moment.
    const { name, version } = this.projection;
    const served = await this.#with.scratch.served(name);
    if (served && served.position > this.rows.seen) {
      this.#leaveOut(await this.#with.scratch.leftOut(name));
      await this.#goOn(served.position);
      await this.#site.commit();
    }
    const moment = await this.#site.openMoment();
    try {
      const now = moment.served;
      if (now.version !== version || now.position < this.rows.seen) {
        throw new ServedRowsMoved(`${name} is being made anew`);
      }
      this.#leaveOut(moment.leftOut);
      await this.#goOn(now.position);
      return moment;
    } catch (error) {
      await moment.close();
      throw error;
    }
  }

  close(): Promise<void> {
    return this.#site.close();
  }

  async #goOn(to: bigint): Promise<void> {
    this.#target = to;
    this.rows.forgetUnreadable();
    const { handles: types } = this.projection;
    const { eventStore, signal } = this.#with;
    const onUnreadable = (event: EventPlace, error: Error) => {
      this.rows.unreadable(event, error);
    };
    const pages = logPages(eventStore, { after: this.rows.seen, types, signal, onUnreadable });
    for await (const page of pages) {
      await this.apply(page);
      if (this.rows.seen >= to) return;
    }
  }

  /** What was left out until here must be what is left out now. */
  #leaveOut(now: LeftOutEvents): void {
    const onlyIn = (one: LeftOutEvents, other: LeftOutEvents): boolean =>
      [...one.missing].some(
        ([id, position]) => position <= this.rows.seen && !other.missing.has(id),
      );
    if (onlyIn(now, this.#leftOut) || onlyIn(this.#leftOut, now)) {
      throw new ServedRowsMoved(
        `events were parked, applied or discarded in ${this.projection.name}`,
      );
    }
    this.#leftOut = now;
  }
}
