import {
  EMMETT,
  emmettAppender,
  PLAIN,
  plainAppender,
  REELLOG,
  reellogAppender,
  type Appender,
} from './appendContenders.js';
import type { FigureName } from '../figures.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { sampleEvents } from './sampleEvent.js';
import { withTemporaryServer } from '../measuring/temporaryServer.js';

/** How much is appended in a round. */
interface Amount {
  readonly appends: number;
  /** Events in one append. */
  readonly of: number;
  /** Appends under way at any time. */
  readonly atOnce: number;
}

/** @returns how many events were appended */
export const appendMany = async (
  appender: Appender,
  { appends, of, atOnce }: Amount,
): Promise<number> => {
  let left = appends;
  const lane = async () => {
    while (left > 0) {
      left -= 1;
      await appender.append(sampleEvents(of));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return appends * of;
};

/** Appends to new streams, held against what a hand-written store and Emmett's do. */
const appendRow = (
  name: FigureName,
  amount: Amount,
  open: readonly ((connectionString: string) => Promise<Appender>)[],
): BenchRow => ({
  names: [name],
  run: ({ report }) =>
    withTemporaryServer(async (connectionString) => {
      const appenders: Appender[] = [];
      try {
        for (const one of open) appenders.push(await one(connectionString));
        const rates = await inTurns(
          appenders.map((appender) => ({
            name: appender.name,
            work: () => appendMany(appender, amount),
          })),
          report,
        );
        const ours = rates.get(REELLOG) ?? [];
        const [emmett, plain] = [rates.get(EMMETT), rates.get(PLAIN)];
        const against = {
          ...(emmett ? { emmett: held(ours, emmett) } : {}),
          ...(plain ? { limit: held(ours, plain) } : {}),
        };
        return { [name]: { value: median(ours), against } };
      } finally {
        for (const appender of appenders) await appender.close();
      }
    }),
});

export const appendOneC32 = appendRow('append.one.c32', { appends: 6_000, of: 1, atOnce: 32 }, [
  reellogAppender,
  plainAppender,
  emmettAppender,
]);

export const appendOneC1 = appendRow('append.one.c1', { appends: 3_000, of: 1, atOnce: 1 }, [
  ...[reellogAppender, plainAppender],
]);

export const appendBatch500 = appendRow('append.batch500', { appends: 60, of: 500, atOnce: 1 }, [
  ...[reellogAppender, plainAppender],
]);
