import { RULE_VERSION } from '../../domain/achievements/achievements.js';
import { ACCOUNT_STREAMS, VIEWING_STREAMS } from '../../domain/streams.js';
import type { OwnerFold, Projection } from '../ports/projection.js';
import { loadPeople, writePeople } from './people.js';
import { PersonTotals } from './personTotals.js';
import {
  handles,
  isOfTitle,
  positionOf,
  stepOf,
  TitleTransitions,
  userOf,
  type SeenStep,
  type Step,
  type TitleStep,
  type Transition,
} from './steps.js';
import {
  activeDaysTable,
  amountsTable,
  earnedTable,
  peopleTable,
  tables,
  type EarnedRow,
} from './tables.js';

/** The event that crosses the line earns it; what happens to that event later does not matter. */
const earn = (person: PersonTotals, { event, play }: TitleStep): void => {
  if (event.isRecordedAgain) return;
  const { crossed } = person;
  if (crossed.length === 0) return;
  const rows = crossed.map(({ id }): EarnedRow => ({
    user_id: person.userId,
    achievement: id,
    earned_at: event.recordedAt,
    title_id: event.titleId,
    play_id: event.playId ?? null,
    watched: play?.facts.watched ?? null,
    retroactive: event.type === 'TitleFactsLearnt' || event.isImported,
    rule_version: RULE_VERSION,
    seen_at: null,
  }));
  person.earned = [...person.earned, ...rows];
};

/** Events of one append are recorded within so many milliseconds. */
const ONE_APPEND_MS = 1_000;

/**
 * A report that is linked in the append that recorded it is of a viewing that counted already: what its recording
 * earned for a moment, it has not. A report that is linked later keeps what it earned.
 */
const takeBack = (person: PersonTotals, { event, play }: TitleStep): void => {
  const recordedAt = play?.facts.recordedAt;
  if (recordedAt === undefined) return;
  if (event.recordedAt.getTime() - recordedAt.getTime() > ONE_APPEND_MS) return;
  const kept = person.earned.filter(
    ({ play_id, earned_at }) =>
      play_id !== event.playId || earned_at.getTime() !== recordedAt.getTime(),
  );
  if (kept.length < person.earned.length) person.earned = kept;
};

/** What was earned by a title stays so under the title's other id. */
const follow = (person: PersonTotals, titleId: string, movedTo: string): void => {
  if (person.earned.every(({ title_id }) => title_id !== titleId)) return;
  person.earned = person.earned.map((row) =>
    row.title_id === titleId ? { ...row, title_id: movedTo } : row,
  );
};

const markSeen = (person: PersonTotals, { seen: event }: SeenStep): void => {
  const { achievements: seen } = event.data;
  person.earned = person.earned.map((row) =>
    row.seen_at !== null || (seen !== 'all' && !seen.includes(row.achievement))
      ? row
      : { ...row, seen_at: event.recordedAt },
  );
};

const apply = (person: PersonTotals, step: Step): void => {
  if (!isOfTitle(step)) {
    markSeen(person, step);
    return;
  }
  const { event, counted, opinion } = step;
  person.isCounted = true;
  if (counted) person.changeTitle(counted);
  if (event.type === 'WatchLinkedAsDuplicate') takeBack(person, step);
  if (event.movedTo !== undefined) follow(person, event.titleId, event.movedTo);
  person.counters.ratings += Number(opinion.after.rated) - Number(opinion.before.rated);
  person.counters.reviews += Number(opinion.after.reviewed) - Number(opinion.before.reviewed);
  earn(person, step);
};

/** Everything of a person is applied at once, in the order of the log. */
const beginOwners = (): OwnerFold<(typeof handles)[number]> => {
  let person: PersonTotals | undefined;
  let transitions: Transition[] = [];
  return {
    add: (streams) => {
      const titles = new TitleTransitions({ of: () => [] });
      for (const events of streams) {
        for (const event of events) {
          person ??= new PersonTotals(event.data.userId);
          transitions.push(titles.after(event));
        }
      }
    },
    endOwner: (rows) => {
      if (!person) return;
      transitions.sort((a, b) => (positionOf(a) < positionOf(b) ? -1 : 1));
      for (const transition of transitions) apply(person, stepOf(transition));
      const written = person.rows();
      rows.write(peopleTable, written.people);
      rows.write(activeDaysTable, written.activeDays);
      rows.write(amountsTable, written.amounts);
      rows.write(earnedTable, written.earned);
      person = undefined;
      transitions = [];
    },
  };
};

/** What people have earned, and how far they are with the rest (SEMANTICS D5). */
export const achievements: Projection<(typeof handles)[number]> = {
  name: 'achievements',
  version: 5,
  handles,
  tables,
  folds: { prefixes: [ACCOUNT_STREAMS, VIEWING_STREAMS], begin: beginOwners },
  project: async (events, tx, past) => {
    const titles = new TitleTransitions(past);
    // What they touch has to be known before it is loaded.
    const steps = events.map((event) => stepOf(titles.after(event)));
    const { people, stored } = await loadPeople(tx, steps);
    for (const step of steps) {
      const person = people.get(userOf(step));
      if (person) apply(person, step);
    }
    await writePeople(tx, people.values(), stored);
    return new Set(events.map(({ data }) => `achievements:${data.userId}`));
  },
};
