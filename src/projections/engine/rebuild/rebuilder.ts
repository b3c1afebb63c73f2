import type { EventStore } from '../../../commands/ports/eventStore.js';
import { rebuildLease, type Rebuild, type RebuildStore } from '../../ports/rebuildStore.js';
import type { RebuildSites } from '../../ports/rebuildSite.js';
import type { EngineLog } from '../../ports/engineLog.js';
import type { Parking } from '../../ports/parking.js';
import type { Projection } from '../../ports/projection.js';
import type { ReadModelStore } from '../../ports/readModelStore.js';
import { RebuildTask } from './rebuildTask.js';
import { replay } from './replay.js';
import { parallel } from './parallel.js';
import { Throttle } from './throttle.js';
import { pause } from '../../../commands/ports/waiting.js';

/** What a rebuilder works with. */
export interface RebuilderDependencies {
  readonly eventStore: EventStore;
  readonly sites: RebuildSites;
  readonly rebuilds: RebuildStore;
  readonly store: Pick<ReadModelStore, 'tryAcquire'>;
  readonly parking: Pick<Parking, 'blames' | 'discarded'>;
  readonly projections: readonly Projection[];
  readonly log: EngineLog;
  /** How long may be lost by an interruption, in milliseconds; default 30,000. */
  readonly saveMs?: number;
  readonly pageSize?: number;
}

/** Makes read models anew, several from one read of the log. */
export interface Rebuilder {
  /**
   * Works on the rebuilds under way that no other rebuilder has, of the read models named or of all, until they
   * are served, cancelled or failed. Interrupted by the signal or by a database that went away, they stay
   * under way and are gone on with from their last checkpoint.
   */
  run(options: { readonly signal: AbortSignal; readonly names?: readonly string[] }): Promise<void>;
}

const REPORT_MS = 250;
const SAVE_MS = 30_000;

export const createRebuilder = (dependencies: RebuilderDependencies): Rebuilder => ({
  run: async ({ signal, names }) => {
    const { rebuilds, projections } = dependencies;
    const underWay = await rebuilds.underWay();
    const crew = new Crew(dependencies, signal);
    try {
      for (const rebuild of underWay) {
        const projection = projections.find(({ name }) => name === rebuild.name);
        // To lead one of other code, though for a moment, would keep its own rebuilder from it.
        if (projection?.version !== rebuild.version) continue;
        if (names && !names.includes(rebuild.name)) continue;
        await crew.take(rebuild, projection);
      }
      await crew.work();
    } finally {
      await crew.leave();
    }
  },
});

/** The rebuilds that are worked on together. */
class Crew {
  readonly #with: RebuilderDependencies;
  readonly #signal: AbortSignal;
  readonly #members = new Set<RebuildTask>();
  readonly #throttle = new Throttle();
  readonly #limits = new Map<RebuildTask, number>();
  #savedAt = performance.now();

  constructor(dependencies: RebuilderDependencies, signal: AbortSignal) {
    this.#with = dependencies;
    this.#signal = signal;
  }

  async take(rebuild: Rebuild, projection: Projection): Promise<void> {
    const { rebuilds, eventStore, parking, sites, store } = this.#with;
    const lease = await store.tryAcquire(rebuildLease(rebuild.name));
    if (!lease) return;
    try {
      // It may have ended, or have been asked for by other code, before it was led.
      const current = await rebuilds.find(rebuild.id);
      if (current?.finishedAt || current?.version !== projection.version) {
        await rebuilds.release(lease);
        return;
      }
      const target = await eventStore.headPosition();
      const site = await sites.open(projection, current);
      try {
        const discarded = await parking.discarded(rebuild.name);
        const [ordinal = 0n] = await eventStore.ordinalsAt([target]);
        const member = new RebuildTask(site, { eventStore, lease, discarded, target, ordinal });
        this.#members.add(member);
        this.#hold(member, current.eventsPerSecond);
      } catch (error) {
        await site.close();
        throw error;
      }
    } catch (error) {
      await rebuilds.release(lease).catch(() => undefined);
      throw error;
    }
  }

  /** From the replay to the change of places. */
  async work(): Promise<void> {
    if (this.#members.size === 0) return;
    const { eventStore, pageSize } = this.#with;
    const reporting = new AbortController();
    const reports = this.#reportOn(reporting.signal);
    try {
      await replay(
        [...this.#members].filter(({ isReplaying }) => isReplaying),
        {
          ...{ eventStore, pageSize, signal: this.#signal, throttle: this.#throttle },
          each: (members, work) => this.#each(members, work),
          isThere: (member) => this.#members.has(member),
          onRead: () => this.#save(),
        },
      );
      await this.#finish();
    } finally {
      reporting.abort();
      await reports;
    }
  }

  async leave(): Promise<void> {
    for (const member of [...this.#members]) await this.#dismiss(member);
  }

  /** Lets each do its work, side by side; one that cannot go on for a reason of its own is dismissed. */
  #each(
    members: readonly RebuildTask[],
    work: (member: RebuildTask) => Promise<void>,
  ): Promise<void> {
    const { parking, log } = this.#with;
    return parallel(members, this.#signal, async (member) => {
      // Dismissed while it waited for its turn.
      if (!this.#members.has(member)) return;
      try {
        await work(member);
      } catch (err) {
        if (!this.#members.has(member)) return;
        if (this.#signal.aborted || !(err instanceof Error) || !parking.blames(err)) throw err;
        log.error({ err, projection: member.name }, 'a read model cannot be built anew');
        await this.#dismiss(member, { state: 'failed', error: err.message });
      }
    });
  }

  /** Now and then: an interruption costs what was done since. */
  async #save(): Promise<void> {
    const { saveMs = SAVE_MS } = this.#with;
    if (performance.now() - this.#savedAt <= saveMs) return;
    const members = [...this.#members].filter(({ isReplaying }) => isReplaying);
    await this.#each(members, (member) => member.save());
    this.#savedAt = performance.now();
  }

  async #finish(): Promise<void> {
    // One after the other: whoever is served meanwhile needs the other processors, and indexes take memory.
    for (const rebuild of [...this.#members]) {
      await this.#each([rebuild], async (member) => {
        if (member.isReplaying) await member.index();
        await member.catchUp(this.#signal);
        // How many events it took is kept with what is served.
        await this.#report([member]);
        await member.serve(this.#signal);
        await this.#dismiss(member);
      });
    }
  }

  /** Ends the rebuild's sessions, and gives its lease to whoever goes on; or ends the rebuild. */
  async #dismiss(
    rebuild: RebuildTask,
    outcome?: Parameters<RebuildStore['end']>[1],
  ): Promise<void> {
    if (!this.#members.delete(rebuild)) return;
    this.#hold(rebuild, undefined);
    await rebuild.site.close();
    try {
      if (outcome) await this.#with.rebuilds.end(rebuild.site.rebuild.id, outcome);
    } finally {
      await this.#with.rebuilds.release(rebuild.lease).catch(() => undefined);
    }
  }

  /** One read of the log has one pace: that of the slowest. */
  #hold(rebuild: RebuildTask, eventsPerSecond: number | undefined): void {
    if (eventsPerSecond === undefined) this.#limits.delete(rebuild);
    else this.#limits.set(rebuild, eventsPerSecond);
    const limits = [...this.#limits.values()];
    this.#throttle.limit = limits.length === 0 ? undefined : Math.min(...limits);
  }

  /** Tells how far the rebuilds are, and does what was asked of them, until the signal aborts. */
  async #reportOn(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      // While the database is away the rebuilds themselves will notice.
      await this.#report([...this.#members]).catch(() => undefined);
      await pause(REPORT_MS, signal);
    }
  }

  async #report(rebuilds: readonly RebuildTask[]): Promise<void> {
    const reports = rebuilds.map(({ site, progress }) => ({ id: site.rebuild.id, ...progress }));
    const wishes = await this.#with.rebuilds.report(reports);
    await Promise.all(
      wishes.map(async ({ cancelRequested, eventsPerSecond }, nth) => {
        const rebuild = rebuilds[nth];
        if (!rebuild || !this.#members.has(rebuild)) return;
        this.#hold(rebuild, eventsPerSecond);
        if (rebuild.lease.lost.aborted) await this.#dismiss(rebuild);
        else if (cancelRequested) await this.#dismiss(rebuild, { state: 'cancelled' });
      }),
    );
  }
}
