import type { Database } from '../../postgres/database.js';
import {
  followedLog,
  noteMovedCheckpoints,
  type MovedCheckpoint,
} from '../../readModels/live/followedLog.js';
import { ledReadModels } from '../../readModels/live/readModelStore.js';
import { noteCopyBegun, noteCopyEnded } from '../../readModels/rebuild/unfinishedCopies.js';
import { checkKeys, copyBesideTheLog, type BesideTheLog } from './besideTheLog.js';
import { compareLogs, LogsDiffer, type LogComparison } from './compareLogs.js';
import { CopyRefused, type CopiedLog, type CopyTarget } from './copyTarget.js';
import { LogReader } from './logReader.js';

/** A log, and the database that a service with this log keeps everything else in. */
export interface CopySide<Log> {
  readonly log: Log;
  /** Absent where there is none. */
  readonly keeper?: Database;
}

export interface CopySummary {
  /** Which logs they are. */
  readonly source: string;
  readonly target: string;
  /** Events that the target had already. */
  readonly already: number;
  /** Events that were copied now, or would be. */
  readonly copied: number;
  /** Absent of a copy that was only tried. */
  readonly verified?: Verified;
}

export interface Verified {
  /** In both. */
  readonly events: number;
  /** Of the whole log, read anew: the same for both. */
  readonly digests: { readonly source: string; readonly target: string };
  /** The source has got more events since: they are not in the target. */
  readonly sourceWentOn: boolean;
  /** Absent where both sides have one database. */
  readonly beside?: BesideTheLog;
  /** The read models that stay as they are when the service starts with the target; others are made anew. */
  readonly keptReadModels: readonly string[];
}

/** What is being done, and with how many events that has been. */
export type CopyProgress = (phase: 'checking' | 'copying' | 'verifying', events: number) => void;

/** A page is read in a go, and written in one commit where the target does that. */
const PAGE_EVENTS = 2_000;

/**
 * Copies a whole log into another, in order, and reads both anew to see that they hold the same. It goes on where
 * an earlier one stopped: what the target has must be how the source begins.
 * @throws {CopyRefused} nothing was written, unless the message says so
 * @throws {LogsDiffer} the copy is not what the source is
 */
export const copyLog = async (options: {
  readonly source: CopySide<CopiedLog>;
  readonly target: CopySide<CopyTarget>;
  readonly dryRun: boolean;
  readonly signal: AbortSignal;
  readonly onProgress?: CopyProgress;
}): Promise<CopySummary> => {
  const { source, target, dryRun, signal, onProgress } = options;
  const [from, to] = await Promise.all([
    source.log.identify({ signal }),
    target.log.log.identify({ signal }),
  ]);
  if (from === to) {
    throw new CopyRefused(
      `The source and the target are one log (${from}), or one is a restored backup of the other.`,
    );
  }
  const { keeper } = target;
  const moves = source.keeper !== undefined && keeper !== undefined && source.keeper !== keeper;
  if (keeper) await refuseLogInUse(keeper, to);
  if (moves) await checkKeys(source.keeper, keeper, signal);

  const checkpoints = keeper && (await checkpointsOf(keeper, from));
  let phase: 'checking' | 'verifying' = 'checking';
  const comparison = compareLogs({
    ...{ source: source.log, target: target.log.log, signal },
    places: (checkpoints ?? []).map(({ position }) => position),
    onProgress: (events) => onProgress?.(phase, events),
  });
  await refuseOtherHistory(comparison);
  const already = comparison.events;
  if (keeper && !dryRun) await noteCopyBegun(keeper, { from, to });
  const { copied, head } = await copyOn(comparison, options);
  const summary = { source: from, target: to, already, copied };
  if (dryRun) return summary;

  const beside = moves
    ? await copyBesideTheLog(source.keeper, keeper, { head, signal })
    : undefined;
  phase = 'verifying';
  await comparison.readToEnd();
  if (comparison.events !== already + copied) {
    throw new LogsDiffer(
      `${already + copied} events should be in the target, and ${comparison.events} are.`,
    );
  }
  const moved = await placesOf(checkpoints ?? [], comparison);
  if (checkpoints) await noteMovedCheckpoints(keeper, { from, to }, moved);
  const sourceWentOn = (await comparison.next()) !== undefined;
  if (keeper && !sourceWentOn) await noteCopyEnded(keeper, { from, to });
  return {
    ...summary,
    verified: {
      events: comparison.events,
      digests: comparison.digests,
      sourceWentOn,
      ...(beside ? { beside } : {}),
      keptReadModels: moved.map(({ name }) => name),
    },
  };
};

/** A service that follows the target would read a log that it did not write. */
const refuseLogInUse = async (keeper: Database, target: string): Promise<void> => {
  if ((await followedLog(keeper)) !== target) return;
  const led = await ledReadModels(keeper);
  if (led.length === 0) return;
  throw new CopyRefused(
    'A running Reellog uses the target as its log. Stop it first; nothing was written.',
  );
};

const refuseOtherHistory = async (comparison: LogComparison): Promise<void> => {
  try {
    await comparison.readToEnd();
  } catch (error) {
    if (!(error instanceof LogsDiffer)) throw error;
    throw new CopyRefused(
      `The target holds another history than the beginning of the source. ${error.message} ` +
        'Nothing was written; use an empty log, or the target of an earlier copy that nobody has written to.',
      { cause: error },
    );
  }
};

/** @returns how many events were copied, or would be, and the position of the target's last one */
const copyOn = async (
  { positions, events: already }: LogComparison,
  { source, target, dryRun, signal, onProgress }: Parameters<typeof copyLog>[0],
): Promise<{ readonly copied: number; readonly head: bigint }> => {
  const reader = new LogReader(source.log, signal, positions.source);
  let end = positions.target;
  let copied = 0;
  let reading = reader.fill();
  // What has come since the end was read is copied, too.
  while ((await reading) || (await reader.fill())) {
    signal.throwIfAborted();
    const events = reader.take(PAGE_EVENTS);
    // The next page is read while this one is written.
    reading = reader.fill();
    reading.catch(() => undefined);
    if (!dryRun) end = await target.log.write(events, end, { signal });
    copied += events.length;
    onProgress?.('copying', already + copied);
  }
  return { copied, head: end };
};

/** Where the read models of a database stand in the source, if it is what they follow. */
const checkpointsOf = async (
  keeper: Database,
  source: string,
): Promise<readonly { readonly name: string; readonly position: bigint }[] | undefined> =>
  (await followedLog(keeper)) === source
    ? keeper.query({ text: 'select name, position from projections.checkpoints order by name' })
    : undefined;

const placesOf = async (
  checkpoints: readonly { readonly name: string; readonly position: bigint }[],
  comparison: LogComparison,
): Promise<readonly MovedCheckpoint[]> => {
  const moved: MovedCheckpoint[] = [];
  for (const { name, position } of checkpoints) {
    const place = await comparison.placeOf(position);
    if (place !== undefined) moved.push({ name, from: position, to: place });
  }
  return moved;
};
