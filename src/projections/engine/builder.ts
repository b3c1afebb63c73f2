import { setTimeout as sleep } from 'node:timers/promises';
import { buildLead, type Build, type BuildStore } from '../ports/builds.js';
import type { BuildSites } from '../ports/buildSite.js';
import type { Parking } from '../ports/parking.js';
import type { Projection } from '../ports/projection.js';
import type { ReadModelStore } from '../ports/readModelStore.js';
import type { StartShareWorker } from '../ports/shares.js';
import { BuildInHand } from './buildInHand.js';
import { ReplayCrew, SAVE_MS, type ReplayDependencies } from './replayCrew.js';
import { SharesInHand } from './sharesInHand.js';
import { startShareWorker } from './shareWorker.js';
import { ShareWorkers } from './shareWorkers.js';

/** What a builder works with. */
export interface BuilderDependencies extends ReplayDependencies {
  readonly sites: BuildSites;
  readonly builds: BuildStore;
  readonly store: Pick<ReadModelStore, 'tryLead'>;
  readonly parking: Pick<Parking, 'blames' | 'discarded'>;
  readonly projections: readonly Projection[];
  /** Among how many builds are divided that can be, with the builder; default 1. */
  readonly workers?: number;
  /** How far the log must go on for that; default `LEAST_DIVIDED`, in logs whose positions count events. */
  readonly leastDivided?: bigint;
  /** Default: in this thread. */
  readonly startShareWorker?: StartShareWorker;
}

/** Makes read models anew, several from one read of the log. */
export interface Builder {
  /**
   * Works on the builds under way that no other builder has, of the read models named or of all, until they
   * are served, cancelled or failed. Interrupted by the signal or by a database that went away, they stay
   * under way and are gone on with from their last checkpoint.
   */
  run(options: {
    readonly signal: AbortSignal;
    readonly names?: readonly string[];
    /** Among how many builds are divided that can be, unless they are already; default: as it was made. */
    readonly workers?: number;
  }): Promise<void>;
}

const REPORT_MS = 250;
/** Indexes are made of so many read models at once: more would not be faster, and take memory each. */
const INDEXED_AT_ONCE = 3;
/** Of fewer events a read model is made before a second worker has begun. */
const LEAST_DIVIDED = 20_000n;

export const createBuilder = (dependencies: BuilderDependencies): Builder => ({
  run: async ({ signal, names, workers = dependencies.workers ?? 1 }) => {
    const { builds, projections } = dependencies;
    const underWay = await builds.underWay();
    const crew = new Crew({ ...dependencies, workers }, signal);
    try {
      for (const build of underWay) {
        const projection = projections.find(({ name }) => name === build.name);
        // To lead one of other code, though for a moment, would keep its own builder from it.
        if (projection?.version !== build.version) continue;
        if (names && !names.includes(build.name)) continue;
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
  /** Aborts when a worker beside this one cannot go on. */
  readonly #broken = new AbortController();
  readonly #crew: ReplayCrew<BuildInHand>;
  readonly #workers: ShareWorkers;
  readonly #limits = new Map<BuildInHand, number>();

  constructor(dependencies: BuilderDependencies, signal: AbortSignal) {
    this.#with = dependencies;
    this.#signal = AbortSignal.any([signal, this.#broken.signal]);
    this.#crew = new ReplayCrew(dependencies, {
      signal: this.#signal,
      onFailed: (build, { message: error }) => this.#dismiss(build, { state: 'failed', error }),
    });
    this.#workers = new ShareWorkers(
      dependencies.startShareWorker ?? ((work, hear) => startShareWorker(dependencies, work, hear)),
    );
  }

  get #members(): Set<BuildInHand> {
    return this.#crew.members;
  }

  async take(build: Build, projection: Projection): Promise<void> {
    const { builds, eventStore, parking, sites, store } = this.#with;
    const lead = await store.tryLead(buildLead(build.name));
    if (!lead) return;
    try {
      // It may have ended, or have been asked for by other code, before it was led.
      const current = await builds.find(build.id);
      if (current?.finishedAt || current?.version !== projection.version) {
        await builds.letGo(lead);
        return;
      }
      const target = await eventStore.headPosition();
      const shares = await this.#sharesOf(current, projection, target);
      const site = await sites.open(projection, current);
      try {
        const discarded = await parking.discarded(build.name);
        const member = new BuildInHand(site, { lead, discarded, target, shares });
        this.#members.add(member);
        this.#hold(member, current.eventsPerSecond);
      } catch (error) {
        await site.close();
        throw error;
      }
    } catch (error) {
      await builds.letGo(lead).catch(() => undefined);
      throw error;
    }
  }

  /** From the replay to the change of places. */
  async work(): Promise<void> {
    if (this.#members.size === 0) return;
    const divided = [...this.#members].flatMap(({ shares }) => shares ?? []);
    const workers = Math.max(1, ...divided.map(({ of }) => of));
    this.#workers.start(divided, {
      ...{ workers, pace: this.#crew.throttle.limit },
      onLost: (error) => {
        this.#broken.abort(error);
      },
    });
    const reporting = new AbortController();
    const reports = this.#reportOn(reporting.signal);
    try {
      await this.#crew.replay(workers);
      await this.#finish();
    } catch (error) {
      // What was waited for here was given up for that, and says so in other words.
      this.#broken.signal.throwIfAborted();
      throw error;
    } finally {
      reporting.abort();
      await reports;
    }
  }

  async leave(): Promise<void> {
    await this.#workers.stop();
    for (const member of [...this.#members]) await this.#dismiss(member);
  }

  /** Those that there are, or that it is divided into now, unless it has begun without. */
  async #sharesOf(
    build: Build,
    projection: Projection,
    target: bigint,
  ): Promise<SharesInHand | undefined> {
    const { eventStore, sites, workers: of = 1, leastDivided } = this.#with;
    const there = await sites.shares(build);
    const least = leastDivided ?? LEAST_DIVIDED;
    const [events = 0n] = await eventStore.ordinalsAt([target]);
    const isWanted =
      of > 1 && events >= least && projection.belongsTo !== undefined && !build.rollsBack;
    const [first, ...others] =
      there.length > 0 || !isWanted ? there : await sites.divide(build, { of, target });
    return first && new SharesInHand([first, ...others]);
  }

  async #finish(): Promise<void> {
    // The others may be done while the shares are still waited for.
    const waiting = [...this.#members].sort((a, b) => Number(!!a.shares) - Number(!!b.shares));
    const { eventStore, saveMs = SAVE_MS } = this.#with;
    const lane = async (): Promise<void> => {
      for (let build = waiting.shift(); build; build = waiting.shift()) {
        await this.#crew.each([build], async (member) => {
          await member.join(this.#signal, saveMs);
          if (member.isReplaying) await member.index();
          await member.catchUp(eventStore, this.#signal);
          // How many events it took is kept with what is served.
          await this.#report([member]);
          await member.serve(eventStore, this.#signal);
          await this.#dismiss(member);
        });
      }
    };
    await Promise.all(Array.from({ length: INDEXED_AT_ONCE }, lane));
  }

  /** Ends the build's sessions, and gives its lead to whoever goes on; or ends the build. */
  async #dismiss(build: BuildInHand, outcome?: Parameters<BuildStore['end']>[1]): Promise<void> {
    if (!this.#members.delete(build)) return;
    this.#hold(build, undefined);
    await Promise.all([build.site.close(), build.shares && this.#workers.letGo(build.shares)]);
    try {
      if (outcome) await this.#with.builds.end(build.site.build.id, outcome);
    } finally {
      await this.#with.builds.letGo(build.lead).catch(() => undefined);
    }
  }

  /** One read of the log has one pace: that of the slowest. Those who read it beside this one keep it, too. */
  #hold(build: BuildInHand, eventsPerSecond: number | undefined): void {
    if (eventsPerSecond === undefined) this.#limits.delete(build);
    else this.#limits.set(build, eventsPerSecond);
    const limits = [...this.#limits.values()];
    const limit = limits.length === 0 ? undefined : Math.min(...limits);
    if (limit === this.#crew.throttle.limit) return;
    this.#crew.throttle.limit = limit;
    this.#workers.pace(limit);
  }

  /** Tells how far the builds are, and does what was asked of them, until the signal aborts. */
  async #reportOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // While the database is away the builds themselves will notice.
      await this.#report([...this.#members]).catch(() => undefined);
      await sleep(REPORT_MS, undefined, { signal }).catch(() => undefined);
    }
  }

  async #report(builds: readonly BuildInHand[]): Promise<void> {
    const reports = builds.map(({ site, progress }) => ({ id: site.build.id, ...progress }));
    const wishes = await this.#with.builds.report(reports);
    await Promise.all(
      wishes.map(async ({ cancelRequested, eventsPerSecond }, nth) => {
        const build = builds[nth];
        if (!build || !this.#members.has(build)) return;
        this.#hold(build, eventsPerSecond);
        if (build.lead.lost.aborted) await this.#dismiss(build);
        else if (cancelRequested) await this.#dismiss(build, { state: 'cancelled' });
      }),
    );
  }
}
