import { fillEmmettsLog, rebuildEmmetts } from './emmettRebuild.js';
import { runRebuild, type RebuildRun } from './rebuildRuns.js';
import { held, median, ROUNDS } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { withTemporaryServer } from '../measuring/temporaryServer.js';

/** What its rebuild of three rounds takes a minute for; the rate does not depend on the length. */
const EMMETTS_EVENTS = 12_000;
/** More in the second half than in the first: what collecting garbage varies by. */
const GROWTH_MB = 64;

/** All read models from the history of MovieLens, in turns with one of Emmett's from a log of its own. */
export const rebuildAll: BenchRow = {
  names: ['rebuild.all', 'rebuild.cpu'],
  run: async ({ folders, report }) => {
    const { path } = await folders.history(report);
    return withTemporaryServer(async (connectionString) => {
      await fillEmmettsLog(connectionString, EMMETTS_EVENTS);
      const [ours, theirs, cpu]: [number[], number[], number[]] = [[], [], []];
      let amount = 0;
      for (let round = 1; round <= ROUNDS; round += 1) {
        const { events, eventsPerSecond, cpuSeconds } = await runRebuild(path, 'all');
        const emmetts = await rebuildEmmetts(connectionString, `titles_${round}`, EMMETTS_EVENTS);
        report(
          `round ${round}/${ROUNDS}: Reellog ${eventsPerSecond.toFixed(0)}/s, Emmett ${emmetts.toFixed(0)}/s`,
        );
        ours.push(eventsPerSecond);
        theirs.push(emmetts);
        cpu.push((cpuSeconds * 1e6) / events);
        amount = events;
      }
      return {
        'rebuild.all': {
          value: median(ours),
          against: { emmett: held(ours, theirs) },
          note: `all read models from ${amount} events; Emmett one, from ${EMMETTS_EVENTS}`,
        },
        'rebuild.cpu': {
          value: median(cpu),
          note: 'Node and PostgreSQL, with their start and end',
        },
      };
    });
  },
};

/** The history alone, which needs no other event than those it keeps. */
export const rebuildHistory: BenchRow = {
  names: ['rebuild.history'],
  run: async ({ folders, report }) => {
    const { path } = await folders.history(report);
    const rates: number[] = [];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const { eventsPerSecond } = await runRebuild(path, ['history']);
      report(`round ${round}/${ROUNDS}: ${eventsPerSecond.toFixed(0)}/s`);
      rates.push(eventsPerSecond);
    }
    return { 'rebuild.history': { value: median(rates) } };
  },
};

/** The most memory that a rebuild of all takes over a million events, and how fast it is beside one of fewer. */
export const rebuildMillion: BenchRow = {
  names: ['rebuild.million', 'rebuild.rss'],
  run: async ({ folders, report }) => {
    const [history, million] = [await folders.history(report), await folders.million(report)];
    const [runs, short]: [RebuildRun[], number[]] = [[], []];
    for (let round = 1; round <= ROUNDS; round += 1) {
      const long = await runRebuild(million.path, 'all');
      const { eventsPerSecond } = await runRebuild(history.path, 'all');
      const { early, late } = long.megabytes;
      report(
        `round ${round}/${ROUNDS}: ${early.toFixed(0)} MB, then ${late.toFixed(0)} in ${long.seconds} s, ` +
          `${long.eventsPerSecond.toFixed(0)}/s; MovieLens alone ${eventsPerSecond.toFixed(0)}/s`,
      );
      runs.push(long);
      short.push(eventsPerSecond);
    }
    const rates = runs.map((run) => run.eventsPerSecond);
    const most = runs.map(({ megabytes }) => Math.max(megabytes.early, megabytes.late));
    const growth = runs.map(({ megabytes }) => megabytes.late - megabytes.early);
    return {
      'rebuild.million': { value: median(rates), against: { small: held(rates, short) } },
      'rebuild.rss': {
        value: median(most),
        also: { what: 'MB more in the second half', value: median(growth), most: GROWTH_MB },
      },
    };
  },
};
