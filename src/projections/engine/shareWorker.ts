import type { BuildSites, FilledSite } from '../ports/buildSite.js';
import type { Parking } from '../ports/parking.js';
import type { Projection } from '../ports/projection.js';
import type { Share, ShareWord, ShareWork, ShareWorker } from '../ports/shares.js';
import type { BuildPage } from './buildFeed.js';
import { KeptRows } from './keptRows.js';
import { ReplayCrew, type Replayed, type ReplayDependencies } from './replayCrew.js';
import { RowsInHand } from './rowsInHand.js';

/** What a worker of shares works with. */
export interface ShareDependencies extends ReplayDependencies {
  readonly sites: Pick<BuildSites, 'openShare'>;
  readonly parking: Pick<Parking, 'blames' | 'discarded'>;
  readonly projections: readonly Projection[];
}

/** Works in this thread on one share of each of several builds: from one read of the log, to where they end. */
export const startShareWorker = (
  dependencies: ShareDependencies,
  work: ShareWork,
  hear: (word: ShareWord) => void,
): ShareWorker => {
  const stopping = new AbortController();
  const { signal } = stopping;
  const letGo = new Set<bigint>();
  const leave = async (share: ShareInHand, state?: ShareWord['state'], error?: Error) => {
    if (!crew.members.delete(share)) return;
    await share.site.close();
    if (state) hear({ ...share.word, state, ...(error ? { error: error.message } : {}) });
  };
  const crew = new ReplayCrew<ShareInHand>(dependencies, {
    signal,
    onFailed: (share, error) => leave(share, 'failed', error),
  });

  const open = async (share: Share): Promise<void> => {
    const { projections, parking, sites } = dependencies;
    const projection = projections.find(({ name }) => name === share.name);
    if (!projection) throw new Error(`there is no read model ${share.name}`);
    const discarded = await parking.discarded(share.name);
    const site = await sites.openShare(projection, share);
    const member = new ShareInHand(site, { share, discarded, hear });
    crew.members.add(member);
    if (letGo.has(share.build)) await leave(member, 'let-go');
  };
  const run = async (): Promise<void> => {
    try {
      for (const share of work.shares) {
        signal.throwIfAborted();
        await open(share);
      }
      await crew.replay(work.workers);
      await crew.each([...crew.members], async (share) => {
        await share.end();
        await leave(share, 'done');
      });
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      for (const share of [...crew.members]) await leave(share);
    }
  };
  return {
    letGo: (build) => {
      letGo.add(build);
      for (const share of crew.members) {
        if (share.word.build === build) void leave(share, 'let-go');
      }
    },
    pace: (eventsPerSecond) => {
      crew.throttle.limit = eventsPerSecond;
    },
    stop: () => {
      stopping.abort();
    },
    ended: run(),
  };
};

/** A share of a build in the hands of its worker. */
class ShareInHand implements Replayed {
  readonly site: FilledSite;
  readonly isReplaying = true;
  readonly #share: Share;
  readonly #rows: RowsInHand;
  readonly #hear: (word: ShareWord) => void;
  #events = 0n;

  constructor(
    site: FilledSite,
    options: {
      readonly share: Share;
      readonly discarded: ReadonlySet<string>;
      readonly hear: (word: ShareWord) => void;
    },
  ) {
    const { share, discarded, hear } = options;
    this.site = site;
    this.#share = share;
    this.#hear = hear;
    this.#rows = new RowsInHand(site, {
      ...{ after: site.checkpoint, leftOut: discarded, share },
      memory: new KeptRows(site),
    });
  }

  get name(): string {
    return this.#share.name;
  }

  get seen(): bigint {
    return this.#rows.seen;
  }

  get size(): number {
    return this.#rows.size;
  }

  get isReading(): boolean {
    return this.seen < this.#share.target;
  }

  get word(): ShareWord {
    const { build, nth } = this.#share;
    return { build, nth, state: 'replaying', position: this.seen, events: this.#events };
  }

  async apply(page: BuildPage): Promise<void> {
    this.#events += BigInt(await this.#rows.apply(page, this.#share.target));
    this.#hear(this.word);
  }

  makeRoom(): Promise<void> {
    return this.#rows.makeRoom();
  }

  async save(): Promise<void> {
    await this.#rows.write();
    await this.site.commit(this.seen);
  }

  /** @throws {Error} the log has ended before: it is another one */
  async end(): Promise<void> {
    if (this.isReading)
      throw new Error(`the log ends at ${this.seen}: ${this.#share.target} is not there`);
    await this.save();
  }
}
