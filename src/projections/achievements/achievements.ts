import { RULE_VERSION } from '../../domain/achievements/achievements.js';
import { ACCOUNT_STREAMS, VIEWING_STREAMS } from '../../domain/streams.js';
import type { OwnerFold, Projection } from '../ports/projection.js';
import { loadPeople, writePeople } from './people.js';
import { PersonTotals } from './personTotals.js';
import {
  handles,
  isOfTitle,
  isPlay,
  TitleSteps,
  type AchievementEvent,
  type Step,
  type TitleStep,
} from './steps.js';
import {
  activeDaysTable,
  amountsTable,
  earnedTable,
  peopleTable,
  tables,
  type EarnedRow,
} from './tables.js';

type ViewingMoved = Extract<AchievementEvent, { type: 'ViewingMoved' }>;

/** The event that crosses the line earns it; what happens to that event later does not matter. */
const earn = (person: PersonTotals, step: TitleStep): void => {
  const { event } = step;
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
    watched: isPlay(event) ? (playOf(step)?.facts.watched ?? null) : null,
    retroactive:
      event.type === 'TitleFactsLearnt' ||
      ('source' in event.data && event.data.source === 'import'),
    rule_version: RULE_VERSION,
    seen_at: null,
  }));
  person.earned = [...person.earned, ...rows];
};

/** The play that an event is about, as it is after the event. */
const playOf = ({ event, plays }: TitleStep) => {
  const playId = 'playId' in event.data ? event.data.playId : undefined;
  return plays.find((play) => play.id === playId);
};

/** Events of one append are recorded within so many milliseconds. */
const ONE_APPEND_MS = 1_000;

/**
 * A report that is linked in the append that recorded it is of a viewing that counted already: what its recording
 * earned for a moment, it has not. A report that is linked later keeps what it earned.
 */
const takeBack = (
  person: PersonTotals,
  step: TitleStep,
  event: Extract<AchievementEvent, { type: 'WatchLinkedAsDuplicate' }>,
): void => {
  const recordedAt = playOf(step)?.facts.recordedAt;
  if (recordedAt === undefined) return;
  if (event.recordedAt.getTime() - recordedAt.getTime() > ONE_APPEND_MS) return;
  const kept = person.earned.filter(
    ({ play_id, earned_at }) =>
      play_id !== event.data.playId || earned_at.getTime() !== recordedAt.getTime(),
  );
  if (kept.length < person.earned.length) person.earned = kept;
};

/** What was earned by a title stays so under the title's other id. */
const follow = (person: PersonTotals, { data }: ViewingMoved): void => {
  if (person.earned.every(({ title_id }) => title_id !== data.titleId)) return;
  person.earned = person.earned.map((row) =>
    row.title_id === data.titleId ? { ...row, title_id: data.movedTo } : row,
  );
};

const markSeen = (
  person: PersonTotals,
  event: Extract<AchievementEvent, { type: 'AchievementsSeen' }>,
): void => {
  const { achievements: seen } = event.data;
  person.earned = person.earned.map((row) =>
    row.seen_at !== null || (seen !== 'all' && !seen.includes(row.achievement))
      ? row
      : { ...row, seen_at: event.recordedAt },
  );
};

const apply = (person: PersonTotals, step: Step): void => {
  if (!isOfTitle(step)) {
    markSeen(person, step.event);
    return;
  }
  const { event, counted, opinion } = step;
  person.isCounted = true;
  if (counted) person.changeTitle(counted);
  if (event.type === 'WatchLinkedAsDuplicate') takeBack(person, step, event);
  if (event.type === 'ViewingMoved') follow(person, event);
  person.counters.ratings += Number(opinion.after.rated) - Number(opinion.before.rated);
  person.counters.reviews += Number(opinion.after.reviewed) - Number(opinion.before.reviewed);
  earn(person, step);
};

/** Everything of a person at once, in the order of the log. */
const ofOwner: OwnerFold<(typeof handles)[number]>['add'] = (streams, rows) => {
  const events = streams.flat().sort((a, b) => (a.position < b.position ? -1 : 1));
  const [first] = events;
  if (!first) return;
  const person = new PersonTotals(first.data.userId);
  const steps = new TitleSteps({ of: () => [] });
  for (const event of events) apply(person, steps.after(event));
  const written = person.rows();
  rows.write(peopleTable, written.people);
  rows.write(activeDaysTable, written.activeDays);
  rows.write(amountsTable, written.amounts);
  rows.write(earnedTable, written.earned);
};

/** What people have earned, and how far they are with the rest (SEMANTICS D5). */
export const achievements: Projection<(typeof handles)[number]> = {
  name: 'achievements',
  version: 5,
  handles,
  tables,
  folds: { prefixes: [ACCOUNT_STREAMS, VIEWING_STREAMS], begin: () => ({ add: ofOwner }) },
  project: async (events, tx, past) => {
    const titles = new TitleSteps(past);
    // What they touch has to be known before it is loaded.
    const steps = events.map((event) => titles.after(event));
    const { people, stored } = await loadPeople(tx, steps);
    for (const step of steps) {
      const person = people.get(step.event.data.userId);
      if (person) apply(person, step);
    }
    await writePeople(tx, people.values(), stored);
    return new Set(events.map(({ data }) => `achievements:${data.userId}`));
  },
};
