import { setTimeout as sleep } from 'node:timers/promises';
import type { EventStore } from '../../commands/ports/eventStore.js';
import type { EngineLog } from '../ports/engineLog.js';
import { buildLead, type Build, type BuildStore } from '../ports/builds.js';
import type { BuildSites } from '../ports/buildSite.js';
import type { Parking } from '../ports/parking.js';
import type { Projection } from '../ports/projection.js';
import type { ReadModelStore } from '../ports/readModelStore.js';
import { logPages, Throttle } from './buildFeed.js';
import { BuildInHand } from './buildInHand.js';
import { makeRoom, MOST_KEPT_ROWS } from './keptRows.js';
import { sideBySide } from './sideBySide.js';

/** What a builder works with. */
export interface BuilderDependencies {
  readonly eventStore: EventStore;
  readonly sites: BuildSites;
  readonly builds: BuildStore;
  readonly store: Pick<ReadModelStore, 'tryLead'>;
  readonly parking: Pick<Parking, 'blames' | 'discarded'>;
  readonly projections: readonly Projection[];
  readonly log: EngineLog;
  /** Rows in memory, of all builds together; default `MOST_KEPT_ROWS`. */
  readonly mostRows?: number;
  /** How long may be lost by an interruption, in milliseconds; default 30,000. */
  readonly saveMs?: number;
  readonly pageSize?: number;
}

/** Makes read models anew, several from one read of the log. */
export interface Builder {
  /**
   * Works on the builds under way that no other builder has, of the read models named or of all, until they
   * are served, cancelled or failed. Interrupted by the signal or by a database that went away, they stay
   * under way and are gone on with from their last checkpoint.
   */
  run(options: { readonly signal: AbortSignal; readonly names?: readonly string[] }): Promise<void>;
}

const SAVE_MS = 30_000;
const REPORT_MS = 250;
/** Indexes are made of so many read models at once: more would not be faster, and take memory each. */
const INDEXED_AT_ONCE = 3;

export const createBuilder = (dependencies: BuilderDependencies): Builder => ({
  run: async ({ signal, names }) => {
    const { builds, projections } = dependencies;
    const underWay = await builds.underWay();
    const crew = new Crew(dependencies, signal);
    try {
      for (const build of underWay) {
        const projection = projections.find(({ name }) => name === build.name);
        if (!projection || (names && !names.includes(build.name))) continue;
        await crew.take(build, projection);
      }
      await crew.work();
    } finally {
      await crew.leave();
    }
  },
});

/** The builds that are worked on together. */
class Crew {
  readonly #with: BuilderDependencies;
  readonly #signal: AbortSignal;
  readonly #members = new Set<BuildInHand>();
  readonly #throttle = new Throttle();
  readonly #limits = new Map<BuildInHand, number>();
  #savedAt = performance.now();

  constructor(dependencies: BuilderDependencies, signal: AbortSignal) {
    this.#with = dependencies;
    this.#signal = signal;
  }

  async take(build: Build, projection: Projection): Promise<void> {
    const { builds, eventStore, parking, sites, store } = this.#with;
    const lead = await store.tryLead(buildLead(build.name));
    if (!lead) return;
    try {
      // It may have ended, or have been asked for by other code, before it was led.
      const current = await builds.find(build.id);
      if (current?.finishedAt || current?.version !== projection.version) {
        await lead.release();
        return;
      }
      const site = await sites.open(projection, current);
      try {
        const discarded = await parking.discarded(build.name);
        const target = await eventStore.headPosition();
        const member = new BuildInHand(site, { lead, discarded, target });
        this.#members.add(member);
        this.#hold(member, current.eventsPerSecond);
      } catch (error) {
        await site.close();
        throw error;
      }
    } catch (error) {
      await lead.release();
      throw error;
    }
  }

  /** From the replay to the change of places. */
  async work(): Promise<void> {
    if (this.#members.size === 0) return;
    const reporting = new AbortController();
    const reports = this.#reportOn(reporting.signal);
    try {
      await this.#replay();
      await this.#finish();
    } finally {
      reporting.abort();
      await reports;
    }
  }

  async leave(): Promise<void> {
    for (const member of [...this.#members]) await this.#dismiss(member);
  }

  async #replay(): Promise<void> {
    const replaying = () => [...this.#members].filter(({ isReplaying }) => isReplaying);
    const first = replaying();
    if (first.length === 0) return;
    const pages = logPages(this.#with.eventStore, {
      after: first.map(({ seen }) => seen).reduce((a, b) => (b < a ? b : a)),
      types: [...new Set(first.flatMap(({ site }) => site.projection.handles))],
      signal: this.#signal,
      ...(this.#with.pageSize === undefined ? {} : { pageSize: this.#with.pageSize }),
    });
    for await (const page of pages) {
      this.#signal.throwIfAborted();
      await this.#each(replaying(), (build) => build.apply(page));
      await this.#makeRoom(replaying());
      if (replaying().length === 0) return;
      await this.#throttle.take(page.events.length, this.#signal);
    }
  }

  /** Rows that were not touched for long are written when there are too many, and all of them now and then. */
  async #makeRoom(builds: readonly BuildInHand[]): Promise<void> {
    const { mostRows = MOST_KEPT_ROWS, saveMs = SAVE_MS } = this.#with;
    if (performance.now() - this.#savedAt > saveMs) {
      await this.#each(builds, (build) => build.save());
      this.#savedAt = performance.now();
    }
    await makeRoom(builds, mostRows, () => this.#each(builds, (build) => build.makeRoom()));
  }

  async #finish(): Promise<void> {
    const waiting = [...this.#members];
    const lane = async (): Promise<void> => {
      for (let build = waiting.shift(); build; build = waiting.shift()) {
        await this.#each([build], async (member) => {
          if (member.isReplaying) await member.index();
          await member.serve(this.#with.eventStore, this.#signal);
          await this.#dismiss(member);
        });
      }
    };
    await Promise.all(Array.from({ length: INDEXED_AT_ONCE }, lane));
  }

  /** Lets each do its work, side by side; one that cannot go on for a reason of its own leaves. */
  #each(
    builds: readonly BuildInHand[],
    work: (build: BuildInHand) => Promise<void>,
  ): Promise<void> {
    const { parking, log } = this.#with;
    return sideBySide(builds, this.#signal, async (build) => {
      // Cancelled, or its lead was lost, while it waited for its turn.
      if (!this.#members.has(build)) return;
      try {
        await work(build);
      } catch (error) {
        if (!this.#members.has(build)) return;
        if (!parking.blames(error)) throw error;
        const message = error instanceof Error ? error.message : String(error);
        log.error({ err: error, projection: build.name }, 'a read model cannot be built anew');
        await this.#dismiss(build, { state: 'failed', error: message });
      }
    });
  }

  /** Ends the build's session, and gives its lead to whoever goes on; or ends the build. */
  async #dismiss(build: BuildInHand, outcome?: Parameters<BuildStore['end']>[1]): Promise<void> {
    if (!this.#members.delete(build)) return;
    this.#hold(build, undefined);
    await build.site.close();
    try {
      if (outcome) await this.#with.builds.end(build.site.build.id, outcome);
    } finally {
      await build.lead.release().catch(() => undefined);
    }
  }

  /** One read of the log has one pace: that of the slowest. */
  #hold(build: BuildInHand, eventsPerSecond: number | undefined): void {
    if (eventsPerSecond === undefined) this.#limits.delete(build);
    else this.#limits.set(build, eventsPerSecond);
    const limits = [...this.#limits.values()];
    this.#throttle.limit = limits.length === 0 ? undefined : Math.min(...limits);
  }

  /** Tells how far the builds are, and does what was asked of them, until the signal aborts. */
  async #reportOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // While the database is away the builds themselves will notice.
      await Promise.all([...this.#members].map((build) => this.#report(build))).catch(
        () => undefined,
      );
      await sleep(REPORT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #report(build: BuildInHand): Promise<void> {
    const wishes = await this.#with.builds.report(build.site.build.id, build.progress);
    if (!this.#members.has(build)) return;
    this.#hold(build, wishes.eventsPerSecond);
    if (build.lead.lost.aborted) await this.#dismiss(build);
    else if (wishes.cancelRequested) await this.#dismiss(build, { state: 'cancelled' });
  }
}
