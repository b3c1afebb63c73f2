import { FALLBACK_RUNTIME_MINUTES } from '../../movie/snapshot.js';
import type { Instant, LocalDate } from '../../schemas.js';
import { minutesBetween } from '../../time/localTime.js';
import type { Play } from '../state.js';

/** Reports of one viewing by automatic sources lie at most so far apart, or the title's running time (D1.9). */
const DUPLICATE_MINUTES = 10;

/**
 * Which plays only report a viewing that another play stands for, and which one that is (SEMANTICS D1.9). It depends
 * on what was reported, not on the order:
 *
 * - Plays that the person recorded stand for themselves. Those that they parted from others do, too, and for no more.
 * - Reports of automatic sources that follow each other within the running time, or ten minutes, are one viewing. If
 *   a play of the person is as near to one of them, that one stands for it.
 * - Else a play of the person that knows only the day of one of them does, for one viewing.
 * - Else the earliest report does.
 */
export const duplicatesOf = (
  plays: Iterable<Play>,
  runtimeMinutes = FALLBACK_RUNTIME_MINUTES,
): ReadonlyMap<string, string> => {
  const present = [...plays].filter(
    ({ removedAt, parted }) => removedAt === undefined && parted !== true,
  );
  const links = new Map<string, string>();
  // Nearly always: a person's one play of a film.
  if (present.length < 2) return links;
  const within = Math.max(DUPLICATE_MINUTES, runtimeMinutes);
  const own = present.filter(isOwn);
  const taken = new Set<Play>();
  const left = viewingsReported(
    present.filter((play) => !isOwn(play)),
    within,
  ).filter((viewing) => {
    const near = own.filter((play) => viewing.some((report) => gap(play, report) <= within));
    for (const play of near) taken.add(play);
    for (const report of viewing) {
      const nearest = near.reduce<Play | undefined>(
        (best, play) => (best && gap(best, report) <= gap(play, report) ? best : play),
        undefined,
      );
      if (nearest) links.set(report.id, nearest.id);
    }
    return near.length === 0;
  });
  const ofDays = own
    .filter(isOfADay)
    .sort((a, b) => (a.watched.localDate < b.watched.localDate ? -1 : 1));
  for (const viewing of left) {
    const days = new Set(viewing.map(dayOf));
    const [earliest] = viewing;
    const ofTheDay = ofDays.find((play) => !taken.has(play) && days.has(play.watched.localDate));
    if (ofTheDay) taken.add(ofTheDay);
    const counted = ofTheDay ?? earliest;
    for (const report of viewing) if (report !== counted) links.set(report.id, counted.id);
  }
  return links;
};

/** Whether a play is the person's own word, which is never dropped. */
export const isOwn = ({ source, parted }: Play): boolean => source === 'manual' || parted === true;

/** The viewings that automatic sources report, the earliest first, and those that know no moment last. */
const viewingsReported = (
  reports: readonly Play[],
  within: number,
): readonly (readonly [Play, ...Play[]])[] => {
  const viewings: [Play, ...Play[]][] = [];
  let before: Play | undefined;
  for (const report of [...reports].sort(byMoment)) {
    if (before && gap(before, report) <= within) viewings.at(-1)?.push(report);
    else viewings.push([report]);
    before = report;
  }
  return viewings;
};

const byMoment = (a: Play, b: Play): number => {
  const [first, second] = [a, b].map((play) => `${momentOf(play) ?? 'later'} ${play.id}`);
  return (first ?? '') < (second ?? '') ? -1 : 1;
};

/** Minutes between two plays; without end where one of them knows no moment. */
const gap = (a: Play, b: Play): number => {
  const [first, second] = [momentOf(a), momentOf(b)];
  return first === undefined || second === undefined ? Infinity : minutesBetween(first, second);
};

/** When it was: what was reported first, unless it was amended to something that this cannot be. */
const momentOf = ({ watched, reported }: Play): Instant | undefined => {
  if (watched.precision === 'instant') return watched.instant;
  if (reported.precision !== 'instant') return undefined;
  return watched.precision === 'unknown' || watched.localDate === reported.localDate
    ? reported.instant
    : undefined;
};

const dayOf = ({ watched }: Play): LocalDate | undefined =>
  watched.precision === 'unknown' ? undefined : watched.localDate;

type OfADay = Play & {
  readonly watched: Extract<Play['watched'], { precision: 'date' }>;
};

/** Whether the person knows the day and no more; the release date is no day that anybody remembers. */
const isOfADay = (play: Play): play is OfADay =>
  play.watched.precision === 'date' && play.watched.released !== true;
