import { appendBatch500, appendOneC1, appendOneC32 } from './appends.js';
import { commandRate } from './commandRate.js';
import { duringRebuild } from './duringRebuild.js';
import { esdbAppend } from './esdbAppend.js';
import { esdbCalls } from './esdbCalls.js';
import { esdbCopy } from './esdbCopy.js';
import { esdbImport } from './esdbImport.js';
import { esdbMirror } from './esdbMirror.js';
import { esdbRss } from './esdbRss.js';
import { esdbService } from './esdbService.js';
import { esdbStart } from './esdbStart.js';
import { esdbSubscribe } from './esdbSubscribe.js';
import type { FigureName } from './figures.js';
import { httpCached } from './httpCached.js';
import { importMovieLens } from './importMovieLens.js';
import { readAll } from './readAll.js';
import { rebuildAll, rebuildHistory, rebuildRss } from './rebuilds.js';
import type { BenchRow } from './row.js';
import { searchQuality } from './searchQuality.js';
import { statsAsOf } from './statsAsOf.js';
import { startWarm } from './startWarm.js';
import { statsScale } from './statsScale.js';
import { visible } from './visible.js';

/** What measures each figure, in the order of the table. */
const rowOf: Readonly<Record<FigureName, BenchRow>> = {
  'append.one.c32': appendOneC32,
  'append.one.c1': appendOneC1,
  'append.batch500': appendBatch500,
  'command.rate': commandRate,
  'read.all': readAll,
  'rebuild.all': rebuildAll,
  'rebuild.history': rebuildHistory,
  'rebuild.rss': rebuildRss,
  'visible.p50': visible,
  'visible.p99': visible,
  'http.cached': httpCached,
  'http.during-rebuild': duringRebuild,
  'stats.scale': statsScale,
  'asof.stats': statsAsOf,
  'search.quality': searchQuality,
  'search.p95': searchQuality,
  'start.warm': startWarm,
  'import.movielens': importMovieLens,
  'esdb.append': esdbAppend,
  'esdb.import': esdbImport,
  'esdb.command': esdbService,
  'esdb.copy': esdbCopy,
  'esdb.mirror': esdbMirror,
  'esdb.visible.p50': esdbService,
  'esdb.rebuild': esdbService,
  'esdb.verify': esdbService,
  'esdb.replay': esdbService,
  'esdb.events': esdbService,
  'esdb.start': esdbStart,
  'esdb.appends': esdbCalls,
  'esdb.reads': esdbCalls,
  'esdb.subscribe': esdbSubscribe,
  'esdb.rss': esdbRss,
};

/** Every row once, for some give several figures. */
export const rows: readonly BenchRow[] = [...new Set(Object.values(rowOf))];
