import {
  EMMETT,
  emmettAppender,
  PLAIN,
  plainAppender,
  REELLOG,
  reellogAppender,
  type Appender,
} from './appendContenders.js';
import { inTurns, median, medianRatio } from './rounds.js';
import type { BenchRow, Measured } from './row.js';
import { withTemporaryServer } from './temporaryServer.js';

const ROUNDS = 5;

/** Appends so many, `atOnce` under way at any time. */
export const appendMany = async (
  appender: Appender,
  amount: number,
  atOnce: number,
): Promise<number> => {
  let left = amount;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await appender.append();
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return amount;
};

const measure = (
  options: {
    readonly atOnce: number;
    readonly amount: number;
    readonly open: readonly ((connectionString: string) => Promise<Appender>)[];
    readonly least: Readonly<Record<string, number>>;
  },
  report: (progress: string) => void,
): Promise<Measured> =>
  withTemporaryServer(async (connectionString) => {
    const appenders: Appender[] = [];
    try {
      for (const open of options.open) appenders.push(await open(connectionString));
      const rates = await inTurns(
        appenders.map((appender) => ({
          name: appender.name,
          work: () => appendMany(appender, options.amount, options.atOnce),
        })),
        ROUNDS,
        report,
      );
      const ours = rates.get(REELLOG) ?? [];
      return {
        value: median(ours),
        unit: 'appends/s',
        against: Object.entries(options.least).map(([name, least]) => {
          const theirs = rates.get(name) ?? [];
          return { name, value: median(theirs), ratio: medianRatio(ours, theirs), least };
        }),
      };
    } finally {
      for (const appender of appenders) await appender.close();
    }
  });

/** Appends of one event to a new stream, 32 at once. */
export const appendOneC32: BenchRow = {
  name: 'append.one.c32',
  about: '1 event to a new stream, 32 at once, fsync on',
  run: (report) =>
    measure(
      {
        atOnce: 32,
        amount: 6_000,
        open: [reellogAppender, plainAppender, emmettAppender],
        least: { [EMMETT]: 5, [PLAIN]: 1.5 },
      },
      report,
    ),
};

/** Appends of one event to a new stream, one after the other. */
export const appendOneC1: BenchRow = {
  name: 'append.one.c1',
  about: '1 event to a new stream, 1 at a time, fsync on',
  run: (report) =>
    measure(
      {
        atOnce: 1,
        amount: 3_000,
        open: [reellogAppender, plainAppender],
        least: { [PLAIN]: 0.75 },
      },
      report,
    ),
};
