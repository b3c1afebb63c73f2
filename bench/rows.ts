import { appendBatch500, appendOneC1, appendOneC32 } from './log/appends.js';
import { catalogueCredits, catalogueImport } from './catalogue/catalogueImports.js';
import { filmPage } from './catalogue/filmPage.js';
import { commandRate } from './http/commandRate.js';
import { duringRebuild } from './rebuild/duringRebuild.js';
import { esdbAppend } from './eventstoredb/esdbAppend.js';
import { esdbCalls } from './eventstoredb/esdbCalls.js';
import { esdbCopy } from './eventstoredb/esdbCopy.js';
import { esdbImport } from './eventstoredb/esdbImport.js';
import { esdbMirror } from './eventstoredb/esdbMirror.js';
import { esdbRss } from './eventstoredb/esdbRss.js';
import { esdbService } from './eventstoredb/esdbService.js';
import { esdbStart } from './eventstoredb/esdbStart.js';
import { esdbSubscribe } from './eventstoredb/esdbSubscribe.js';
import type { FigureName } from './figures.js';
import { filmsList } from './http/filmsList.js';
import { httpCached } from './http/httpCached.js';
import { imagesPipeline } from './images/imagesPipeline.js';
import { importMovieLens } from './data/importMovieLens.js';
import { readAll } from './log/readAll.js';
import { rebuildAll, rebuildHistory, rebuildMillion } from './rebuild/rebuilds.js';
import type { BenchRow } from './row.js';
import { searchBox } from './search/searchBox.js';
import { searchQuality } from './search/searchQuality.js';
import { statsAsOf } from './http/statsAsOf.js';
import { startWarm } from './http/startWarm.js';
import { statsScale } from './http/statsScale.js';
import { visible } from './http/visible.js';

/** What measures each figure, in the order of the table. */
const rowOf: Readonly<Record<FigureName, BenchRow>> = {
  'append.one.c32': appendOneC32,
  'append.one.c1': appendOneC1,
  'append.batch500': appendBatch500,
  'command.rate': commandRate,
  'read.all': readAll,
  'rebuild.all': rebuildAll,
  'rebuild.history': rebuildHistory,
  'rebuild.million': rebuildMillion,
  'rebuild.cpu': rebuildAll,
  'rebuild.rss': rebuildMillion,
  'visible.p50': visible,
  'visible.p99': visible,
  'http.cached': httpCached,
  'http.during-rebuild': duringRebuild,
  'stats.scale': statsScale,
  'asof.stats': statsAsOf,
  'search.quality': searchQuality,
  'search.p95': searchQuality,
  'search.typo': searchBox,
  'search.complete': searchBox,
  'images.pipeline': imagesPipeline,
  'films.list': filmsList,
  'start.warm': startWarm,
  'import.movielens': importMovieLens,
  'catalogue.credits': catalogueCredits,
  'catalogue.import': catalogueImport,
  'film.page': filmPage,
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
