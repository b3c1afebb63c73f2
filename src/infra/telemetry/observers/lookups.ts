import { statfs } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import type { ProjectionStatus } from '../../../projections/engine/live/engine.js';
import { createStallWatch } from '../../../projections/engine/live/stalled.js';
import type { Rebuild } from '../../../projections/ports/rebuildStore.js';
import type { MirrorSummary } from '../../eventstore/mirror/mirrorHealth.js';
import type { CacheUse } from '../../../queries/queries.js';
import type { PoolUse } from '../../postgres/database.js';
import type { Measures } from '../measures.js';
import { attributes } from '../names.js';

/** Where the values come from that are looked up. */
export interface LookupSources {
  readonly projections: () => Promise<readonly ProjectionStatus[]>;
  /** The names of all read models. */
  readonly names: readonly string[];
  readonly failures: () => ReadonlyMap<string, number>;
  /** The rebuilds under way. */
  readonly rebuilds: () => Promise<readonly Pick<Rebuild, 'name' | 'position' | 'target'>[]>;
  /** How much work is in the queue, by state. */
  readonly work: () => Promise<ReadonlyMap<string, number>>;
  readonly cache: () => CacheUse;
  readonly pool: () => PoolUse;
  /** How the mirror of the log is, where it has one. */
  readonly mirror: () => MirrorSummary | undefined;
  /** Where the embedded database's files are; `undefined` where the database is somebody else's. */
  readonly dataDirectory: () => Promise<string | undefined>;
}

/** Whoever collects waits so long at most for a database that does not answer. */
const ANSWER_MS = 2_000;

/** Has everything looked up whenever somebody collects. */
export const lookUp = (measures: Measures, sources: LookupSources): void => {
  lookAtProjections(measures, sources);
  lookAtRebuilds(measures, sources.rebuilds);
  lookAtMirror(measures, sources.mirror);
  lookAtWork(measures, sources.work);
  lookAtCache(measures, sources.cache);
  lookAtPool(measures, sources.pool);
  lookAtDisk(measures, sources.dataDirectory);
  lookAtProcess(measures);
};

const lookAtProjections = (
  measures: Measures,
  { projections, names, failures }: LookupSources,
): void => {
  const stalledOf = createStallWatch();
  measures.look(
    [
      'logPosition',
      'projectionPosition',
      'lagEvents',
      'lagTime',
      'projectionState',
      'stalled',
      'parked',
    ],
    async (observe) => {
      const statuses = await inTime(projections());
      const stalled = stalledOf(statuses, performance.now());
      const [first] = statuses;
      if (first) observe('logPosition', Number(first.head));
      for (const { name, position, lagEvents, lagSeconds, worker, parked } of statuses) {
        const label = { [attributes.projection]: name };
        observe('projectionPosition', Number(position), label);
        observe('lagEvents', Number(lagEvents), label);
        observe('lagTime', lagSeconds, label);
        observe('projectionState', 1, { ...label, [attributes.state]: worker.state });
        observe('parked', parked, label);
        observe('stalled', stalled.has(name) ? 1 : 0, label);
      }
    },
  );
  measures.look(['projectionFailures'], (observe) => {
    const counted = failures();
    // From 0 on: a counter that begins with its first failure hides it from whoever asks for the increase.
    for (const name of names) {
      observe('projectionFailures', counted.get(name) ?? 0, { [attributes.projection]: name });
    }
  });
};

const lookAtRebuilds = (measures: Measures, rebuilds: LookupSources['rebuilds']): void => {
  measures.look(['rebuildProgress'], async (observe) => {
    for (const { name, position, target } of await inTime(rebuilds())) {
      const share = target === 0n ? 0 : Math.min(1, Number(position) / Number(target));
      observe('rebuildProgress', share, { [attributes.projection]: name });
    }
  });
};

const lookAtMirror = (measures: Measures, mirror: LookupSources['mirror']): void => {
  measures.look(['mirrorEvents', 'mirrorLag', 'mirrorFault'], (observe) => {
    const summary = mirror();
    if (!summary) return;
    observe('mirrorEvents', summary.events);
    observe('mirrorLag', summary.lagSeconds);
    observe('mirrorFault', summary.fault === undefined ? 0 : 1);
  });
};

const lookAtWork = (measures: Measures, work: LookupSources['work']): void => {
  measures.look(['work'], async (observe) => {
    for (const [state, count] of await inTime(work())) {
      observe('work', count, { [attributes.workState]: state });
    }
  });
};

const lookAtCache = (measures: Measures, cache: () => CacheUse): void => {
  measures.look(['cacheRequests', 'cacheEntries'], (observe) => {
    const { hits, misses, entries } = cache();
    observe('cacheRequests', hits, { [attributes.cacheResult]: 'hit' });
    observe('cacheRequests', misses, { [attributes.cacheResult]: 'miss' });
    observe('cacheEntries', entries);
  });
};

const lookAtPool = (measures: Measures, pool: () => PoolUse): void => {
  measures.look(['poolConnections', 'poolMax', 'poolPending'], (observe) => {
    const { idle, used, waiting, max } = pool();
    const label = { [attributes.poolName]: 'reellog' };
    observe('poolConnections', idle, { ...label, [attributes.poolState]: 'idle' });
    observe('poolConnections', used, { ...label, [attributes.poolState]: 'used' });
    observe('poolMax', max, label);
    observe('poolPending', waiting, label);
  });
};

const lookAtDisk = (measures: Measures, dataDirectory: () => Promise<string | undefined>): void => {
  let found: Promise<string | undefined> | undefined;
  measures.look(['filesystemUsage', 'filesystemLimit'], async (observe) => {
    found ??= dataDirectory().catch(() => {
      found = undefined;
      return undefined;
    });
    const place = await inTime(found);
    if (place === undefined) return;
    const { bsize, blocks, bfree, bavail } = await statfs(place);
    observe('filesystemLimit', blocks * bsize);
    observe('filesystemUsage', bavail * bsize, { [attributes.filesystemState]: 'free' });
    observe('filesystemUsage', (blocks - bfree) * bsize, { [attributes.filesystemState]: 'used' });
  });
};

const lookAtProcess = (measures: Measures): void => {
  let before = performance.eventLoopUtilization();
  measures.look(['processMemory', 'processCpu', 'processUptime', 'eventLoop'], (observe) => {
    const { user, system } = process.cpuUsage();
    const now = performance.eventLoopUtilization();
    observe('processMemory', process.memoryUsage.rss());
    observe('processCpu', user / 1e6, { [attributes.cpuMode]: 'user' });
    observe('processCpu', system / 1e6, { [attributes.cpuMode]: 'system' });
    observe('processUptime', process.uptime());
    observe('eventLoop', performance.eventLoopUtilization(now, before).utilization);
    before = now;
  });
};

const inTime = async <T>(work: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`no answer within ${ANSWER_MS} ms`));
    }, ANSWER_MS);
  });
  try {
    return await Promise.race([work, tooLate]);
  } finally {
    clearTimeout(timer);
  }
};
