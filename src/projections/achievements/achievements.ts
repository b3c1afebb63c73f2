import { RULE_VERSION } from '../../domain/achievements/achievements.js';
import type { Projection } from '../ports/projection.js';
import {
  handles,
  isPlay,
  Page,
  type AchievementEvent,
  type OpinionEvent,
  type PlayEvent,
} from './page.js';
import type { PersonInHand } from './personInHand.js';
import { tables, type EarnedRow, type Opinion } from './tables.js';

type ViewingMoved = Extract<AchievementEvent, { type: 'ViewingMoved' }>;

const noOpinion: Opinion = { rated: false, reviewed: false };

const applyOpinion = (
  page: Page,
  person: PersonInHand,
  event: OpinionEvent | ViewingMoved,
): void => {
  const old = page.titles.opinionOf(event.data) ?? noOpinion;
  const now = opinionAfter(old, event);
  page.titles.setOpinion(event.data, now);
  person.counters.ratings += Number(now.rated) - Number(old.rated);
  person.counters.reviews += Number(now.reviewed) - Number(old.reviewed);
};

const opinionAfter = (opinion: Opinion, event: OpinionEvent | ViewingMoved): Opinion => {
  switch (event.type) {
    case 'TitleRated':
      return { ...opinion, rated: true };
    case 'RatingRemoved':
      return { ...opinion, rated: false };
    case 'ReviewWritten':
      return { ...opinion, reviewed: true };
    case 'ReviewRemoved':
      return { ...opinion, reviewed: false };
    case 'ViewingMoved':
      return noOpinion;
    default:
      return event satisfies never;
  }
};

/** The event that crosses the line earns it; what happens to that event later does not matter. */
const earn = (page: Page, person: PersonInHand, event: PlayEvent | OpinionEvent): void => {
  // Told once more under another id of the title, it earns nothing new.
  if ('firstRecordedAt' in event.data) return;
  const { crossed } = person;
  if (crossed.length === 0) return;
  const rows = crossed.map(({ id }): EarnedRow => ({
    user_id: person.userId,
    achievement: id,
    earned_at: event.recordedAt,
    title_id: event.data.titleId,
    play_id: 'playId' in event.data ? event.data.playId : null,
    watched: isPlay(event) ? (playOf(page, event)?.facts.watched ?? null) : null,
    retroactive:
      event.type === 'TitleFactsLearnt' ||
      ('source' in event.data && event.data.source === 'import'),
    rule_version: RULE_VERSION,
    seen_at: null,
  }));
  person.earned = [...person.earned, ...rows];
};

/** The play that an event is about, as it is after the event. */
const playOf = (page: Page, event: PlayEvent) => {
  const playId = 'playId' in event.data ? event.data.playId : undefined;
  return page.changeBy(event)?.plays.find((play) => play.id === playId);
};

/** Events of one append are recorded within so many milliseconds. */
const ONE_APPEND_MS = 1_000;

/**
 * A report that is linked in the append that recorded it is of a viewing that counted already: what its recording
 * earned for a moment, it has not. A report that is linked later keeps what it earned.
 */
const takeBack = (
  page: Page,
  person: PersonInHand,
  event: Extract<AchievementEvent, { type: 'WatchLinkedAsDuplicate' }>,
): void => {
  const recordedAt = playOf(page, event)?.facts.recordedAt;
  if (recordedAt === undefined) return;
  if (event.recordedAt.getTime() - Date.parse(recordedAt) > ONE_APPEND_MS) return;
  const kept = person.earned.filter(
    ({ play_id, earned_at }) =>
      play_id !== event.data.playId || earned_at.toISOString() !== recordedAt,
  );
  if (kept.length < person.earned.length) person.earned = kept;
};

/** What was earned by a title stays so under the title's other id. */
const follow = (person: PersonInHand, { data }: ViewingMoved): void => {
  if (person.earned.every(({ title_id }) => title_id !== data.titleId)) return;
  person.earned = person.earned.map((row) =>
    row.title_id === data.titleId ? { ...row, title_id: data.movedTo } : row,
  );
};

const markSeen = (
  person: PersonInHand,
  event: Extract<AchievementEvent, { type: 'AchievementsSeen' }>,
): void => {
  const { achievements: seen } = event.data;
  person.earned = person.earned.map((row) =>
    row.seen_at !== null || (seen !== 'all' && !seen.includes(row.achievement))
      ? row
      : { ...row, seen_at: event.recordedAt },
  );
};

const fold = (event: AchievementEvent, page: Page): void => {
  const person = page.personOf(event);
  if (event.type === 'AchievementsSeen') {
    markSeen(person, event);
    return;
  }
  if (isPlay(event)) {
    const change = page.changeBy(event);
    if (change) person.changeTitle(change.counted);
    if (event.type === 'WatchLinkedAsDuplicate') takeBack(page, person, event);
    if (event.type === 'ViewingMoved') {
      applyOpinion(page, person, event);
      follow(person, event);
    }
  } else applyOpinion(page, person, event);
  earn(page, person, event);
};

/** What people have earned, and how far they are with the rest (SEMANTICS D5). */
export const achievements: Projection<(typeof handles)[number]> = {
  name: 'achievements',
  version: 4,
  handles,
  tables,
  belongsTo: ({ data }) => data.userId,
  project: async (events, tx) => {
    await Page.fold(events, tx, fold);
    return new Set(events.map(({ data }) => `achievements:${data.userId}`));
  },
};
