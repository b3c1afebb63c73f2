import type { Logger } from 'pino';
import type { LocalDate } from '../../../domain/schemas.js';
import {
  completedAfter,
  SLICE_DAYS,
  slicesOf,
  windowOf,
  type Window,
} from '../../../domain/sync/window.js';
import { addDays, dayNumber } from '../../../domain/time/calendar.js';
import type { SyncProgress } from './syncProgress.js';

/** What changes at a provider; its progress is kept under these names. */
const KINDS = ['films', 'people'] as const;

/** One kind of what changes. */
export interface SyncKind {
  readonly name: (typeof KINDS)[number];
  /** Changes of longer ago are not asked for one by one: everything is stale then. */
  readonly reachesBackDays: number;
  /** Whether anything is held here that may change. */
  holdsAny(signal: AbortSignal): Promise<boolean>;
  /** One page of what changed in a slice. @throws {ProviderFailure} */
  changed(
    slice: Window,
    page: number,
    signal: AbortSignal,
  ): Promise<{ readonly ids: readonly number[]; readonly pages: number }>;
  /** Marks those that are held here, of at most 500. @returns how many */
  mark(ids: readonly number[], signal: AbortSignal): Promise<number>;
  /** Marks all that is held here. @returns how many */
  markAll(signal: AbortSignal): Promise<number>;
}

/** What a sync works with. */
export interface Syncing {
  readonly kinds: readonly SyncKind[];
  readonly progress: SyncProgress;
  /** By the provider's calendar, UTC. */
  readonly today: LocalDate;
  readonly logger: Logger;
}

/** The days that a sync was given cannot be asked for. */
export class BadWindow extends Error {
  override readonly name = 'BadWindow';
}

const MARKED_AT_ONCE = 500;
/** TMDb's lists end there, whatever it says. */
const MOST_PAGES = 500;

/** The days to ask for of each kind, and up to when they were asked for before. @throws {BadWindow} */
export const plannedWindows = async (
  { progress, today }: Pick<Syncing, 'progress' | 'today'>,
  given: Partial<Window>,
) => {
  const completed = await progress.read();
  return new Map(
    KINDS.map((kind) => {
      const completedUntil = completed.get(kind);
      const window = windowOf(given, { completedUntil, today });
      if (typeof window === 'string') throw new BadWindow(window);
      return [kind, { window, completedUntil }];
    }),
  );
};

/**
 * Asks what changed since the last time, and marks what is held here of it, one kind after the other. Done twice it
 * comes to the same.
 * @param given days instead of those since the last time
 * @returns what was done, in a few words
 * @throws {BadWindow} before anything is asked
 * @throws {AggregateError} some kinds failed; the others are done
 */
export const syncChanges = async (
  { kinds, ...syncing }: Syncing,
  given: Partial<Window>,
  signal: AbortSignal,
): Promise<string> => {
  const windows = await plannedWindows(syncing, given);
  const said: string[] = [];
  const failures: Error[] = [];
  for (const kind of kinds) {
    const planned = windows.get(kind.name);
    if (!planned) continue;
    try {
      said.push(await syncKind({ ...syncing, ...planned, kind, signal }));
    } catch (error) {
      if (!(error instanceof Error) || signal.aborted) throw error;
      failures.push(error);
      said.push(error.message);
    }
  }
  if (failures.length > 0) throw new AggregateError(failures, said.join('; '));
  return said.join('; ');
};

interface KindRun extends Omit<Syncing, 'kinds'> {
  readonly kind: SyncKind;
  readonly window: Window;
  readonly completedUntil: LocalDate | undefined;
  readonly signal: AbortSignal;
}

/** After each slice it is noted that it is done: whoever tries again goes on behind it. */
const syncKind = async (run: KindRun): Promise<string> => {
  const { kind, window, today, progress, logger, signal } = run;
  let { completedUntil } = run;
  const finish = async (slice: Window): Promise<void> => {
    completedUntil = completedAfter(completedUntil, slice);
    await progress.save(kind.name, completedUntil);
  };
  if (!(await kind.holdsAny(signal))) {
    await finish(window);
    return `${kind.name}: none here`;
  }
  if (window.start < addDays(today, -kind.reachesBackDays)) {
    const marked = await kind.markAll(signal);
    await finish(window);
    logger.warn({ kind: kind.name, ...window, marked }, 'too long ago to ask for every change');
    return `${kind.name}: all ${marked} marked, for ${window.start} is too long ago`;
  }
  const slices = slicesOf(window);
  if (slices.length > 1) {
    const details = { kind: kind.name, ...window, slices: slices.length };
    logger.warn(details, `changes of more than ${SLICE_DAYS} days are asked for in parts`);
  }
  const counts = { changed: 0, marked: 0 };
  let until = window.start;
  const result = () =>
    `${kind.name}: ${counts.changed} changed from ${window.start} to ${until}, ${counts.marked} of them marked`;
  try {
    for (const slice of slices) {
      const ids = await changedIn(slice, run);
      counts.changed += ids.length;
      for (let from = 0; from < ids.length; from += MARKED_AT_ONCE) {
        counts.marked += await kind.mark(ids.slice(from, from + MARKED_AT_ONCE), signal);
      }
      await finish(slice);
      until = slice.end;
    }
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`${result()}, then: ${why}`, { cause });
  }
  return result();
};

/** What changed in a slice; where that is more than can be listed, in its halves. */
const changedIn = async (slice: Window, run: KindRun): Promise<readonly number[]> => {
  const ids = new Set<number>();
  for (let page = 1, pages = 1; page <= pages; page += 1) {
    run.signal.throwIfAborted();
    const answer = await run.kind.changed(slice, page, run.signal);
    const halfDays = Math.floor((dayNumber(slice.end) - dayNumber(slice.start)) / 2);
    if (answer.pages > MOST_PAGES && halfDays > 0) {
      const middle = addDays(slice.start, halfDays);
      const first = await changedIn({ start: slice.start, end: middle }, run);
      const second = await changedIn({ start: middle, end: slice.end }, run);
      return [...new Set([...first, ...second])];
    }
    for (const id of answer.ids) ids.add(id);
    ({ pages } = answer);
  }
  return [...ids];
};
