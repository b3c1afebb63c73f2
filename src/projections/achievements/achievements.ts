import { reached, RULE_VERSION } from '../../domain/achievements/achievements.js';
import { achievementFacts, type AchievementFacts } from '../../domain/achievements/playFacts.js';
import type { WatchedWhen } from '../../domain/viewing/events.js';
import { PLAY_EVENTS, type TitlePlay } from '../../domain/viewing/titlePlays.js';
import { groupedTable, table } from '../engine/table.js';
import type { GroupFold } from '../engine/groupFold.js';
import type { TableFold } from '../engine/tableFold.js';
import { TITLE_PLAYS_TABLE, titlePlays, type TitlePlaysFold } from '../engine/titlePlaysFold.js';
import type { ProjectedEvent, Projection, ProjectionTransaction } from '../ports/projection.js';
import {
  newPerson,
  titleChange,
  withPlays,
  type ActiveDaysRow,
  type AmountKind,
  type PersonRow,
  type TitleChange,
} from './personFold.js';
import { tables } from './tables.js';

interface AmountRow {
  readonly user_id: string;
  readonly kind: string;
  readonly name: string;
  readonly amount: number;
}

/** Whether a title has the person's rating and review. */
interface Opinion {
  readonly rated: boolean;
  readonly reviewed: boolean;
}

interface EarnedRow {
  readonly user_id: string;
  readonly achievement: string;
  readonly earned_at: Date;
  readonly title_id: string;
  readonly play_id: string | null;
  readonly watched: WatchedWhen | null;
  readonly retroactive: boolean;
  readonly rule_version: number;
  readonly seen_at: Date | null;
}

const OPINION_EVENTS = ['TitleRated', 'RatingRemoved', 'ReviewWritten', 'ReviewRemoved'] as const;
const handles = [...PLAY_EVENTS, ...OPINION_EVENTS, 'AchievementsSeen'] as const;
type AchievementEvent = ProjectedEvent<(typeof handles)[number]>;
type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;
type OpinionEvent = ProjectedEvent<(typeof OPINION_EVENTS)[number]>;

const isPlay = (event: AchievementEvent): event is PlayEvent =>
  (PLAY_EVENTS as readonly string[]).includes(event.type);
const isOpinion = (event: AchievementEvent): event is OpinionEvent =>
  (OPINION_EVENTS as readonly string[]).includes(event.type);

const isAboutTitle = (event: AchievementEvent): event is PlayEvent | OpinionEvent =>
  event.type !== 'AchievementsSeen';

type Titles = TitlePlaysFold<AchievementFacts, Opinion>;

const titlesTable = titlePlays<AchievementFacts, Opinion>(achievementFacts);
const peopleTable = table<PersonRow>('people', ['user_id']);
const activeDaysTable = table<ActiveDaysRow>('active_days', ['user_id']);
const amountsTable = table<AmountRow>('amounts', ['user_id', 'kind', 'name']);
/** By person: whoever earns something has not earned it yet. */
const earnedTable = groupedTable<EarnedRow>('earned', ['user_id', 'achievement'], 1);

interface PageChange {
  /** Every play of the title after the event, the uncounted ones too. */
  readonly plays: readonly TitlePlay<AchievementFacts>[];
  readonly counted: TitleChange;
}

/** Everything of a page of events, loaded at once. */
interface Page {
  readonly titles: Titles;
  /** What each event did to the plays of its title. */
  readonly changes: ReadonlyMap<PlayEvent, PageChange>;
  readonly people: TableFold<PersonRow>;
  readonly activeDays: TableFold<ActiveDaysRow>;
  readonly amounts: TableFold<AmountRow>;
  readonly earned: GroupFold<EarnedRow>;
}

/** The names that a page's plays can touch: of every state each title goes through. */
const wantedAmounts = (changes: readonly TitleChange[]): Omit<AmountRow, 'amount'>[] => {
  const wanted: Omit<AmountRow, 'amount'>[] = [];
  for (const { userId: user_id, amounts } of changes) {
    for (const { kind, name } of amounts) wanted.push({ user_id, kind, name });
  }
  return wanted;
};

const load = async (tx: ProjectionTransaction, events: readonly AchievementEvent[]) => {
  const titles: Titles = await titlesTable.load(tx, events.filter(isAboutTitle));
  // Applied first, to know what the page touches; judged one by one afterwards.
  const changes = new Map(
    events.filter(isPlay).map((event): [PlayEvent, PageChange] => {
      const change = titles.apply(event);
      return [event, { plays: change.after, counted: titleChange(change) }];
    }),
  );
  const users = [...new Set(events.map(({ data }) => data.userId))];
  const keys = users.map((user_id) => ({ user_id }));
  const page: Page = {
    titles,
    changes,
    people: await peopleTable.load(tx, keys),
    activeDays: await activeDaysTable.load(tx, keys),
    amounts: await amountsTable.load(
      tx,
      wantedAmounts([...changes.values()].map(({ counted }) => counted)),
    ),
    earned: await earnedTable.load(tx, keys),
  };
  return page;
};

const applyPlay = (page: Page, change: TitleChange): void => {
  const user_id = change.userId;
  const key = (kind: AmountKind, name: string) => ({ user_id, kind, name });
  const person = page.people.get({ user_id }) ?? newPerson(user_id);
  const runs = page.activeDays.get({ user_id })?.runs ?? [];
  const next = withPlays(person, runs, change, {
    get: (kind, name) => page.amounts.get(key(kind, name))?.amount ?? 0,
    set: (kind, name, amount) => {
      if (amount === 0) page.amounts.delete(key(kind, name));
      else page.amounts.set({ ...key(kind, name), amount });
    },
  });
  page.people.set(next.person);
  if (next.runs !== runs) page.activeDays.set({ user_id, runs: next.runs });
};

const noOpinion: Opinion = { rated: false, reviewed: false };

const applyOpinion = (page: Page, event: OpinionEvent): void => {
  const old = page.titles.opinionOf(event.data) ?? noOpinion;
  const now = opinionAfter(old, event);
  page.titles.setOpinion(event.data, now);
  const { userId: user_id } = event.data;
  const person = page.people.get({ user_id }) ?? newPerson(user_id);
  page.people.set({
    ...person,
    counters: {
      ...person.counters,
      ratings: person.counters.ratings + Number(now.rated) - Number(old.rated),
      reviews: person.counters.reviews + Number(now.reviewed) - Number(old.reviewed),
    },
  });
};

const opinionAfter = (opinion: Opinion, event: OpinionEvent): Opinion => {
  switch (event.type) {
    case 'TitleRated':
      return { ...opinion, rated: true };
    case 'RatingRemoved':
      return { ...opinion, rated: false };
    case 'ReviewWritten':
      return { ...opinion, reviewed: true };
    case 'ReviewRemoved':
      return { ...opinion, reviewed: false };
    default:
      return event satisfies never;
  }
};

const idsByRows = new WeakMap<readonly EarnedRow[], ReadonlySet<string>>();

/** What is earned, looked up with every event of a person and changed seldom. */
const idsOf = (earned: readonly EarnedRow[]): ReadonlySet<string> => {
  let ids = idsByRows.get(earned);
  if (!ids) {
    ids = new Set(earned.map(({ achievement }) => achievement));
    idsByRows.set(earned, ids);
  }
  return ids;
};

/** The event that crosses the line earns it; what happens to that event later does not matter. */
const earn = (page: Page, event: PlayEvent | OpinionEvent): void => {
  const { userId: user_id, titleId } = event.data;
  const person = page.people.get({ user_id });
  if (!person) return;
  const earned = page.earned.get({ user_id });
  const crossed = reached(person.counters, idsOf(earned));
  if (crossed.length === 0) return;
  const rows = crossed.map(({ id }): EarnedRow => ({
    user_id,
    achievement: id,
    earned_at: event.recordedAt,
    title_id: titleId,
    play_id: 'playId' in event.data ? event.data.playId : null,
    watched: isPlay(event) ? (playOf(page, event)?.facts.watched ?? null) : null,
    retroactive: 'source' in event.data && event.data.source === 'import',
    rule_version: RULE_VERSION,
    seen_at: null,
  }));
  page.earned.set({ user_id }, [...earned, ...rows]);
};

/** The play that an event is about, as it is after the event. */
const playOf = (page: Page, event: PlayEvent) =>
  page.changes.get(event)?.plays.find((play) => play.id === event.data.playId);

/**
 * A report turns out to be of a viewing that another told of first: what its recording had earned, it has not.
 * Both events come in one append, so that nobody was told.
 */
const takeBack = (
  page: Page,
  event: Extract<AchievementEvent, { type: 'WatchLinkedAsDuplicate' }>,
): void => {
  const person = { user_id: event.data.userId };
  const earned = page.earned.get(person);
  const report = playOf(page, event);
  const kept = earned.filter(
    ({ play_id, earned_at }) =>
      play_id !== event.data.playId || earned_at.toISOString() !== report?.facts.recordedAt,
  );
  if (kept.length < earned.length) page.earned.set(person, kept);
};

const markSeen = (
  page: Page,
  event: Extract<AchievementEvent, { type: 'AchievementsSeen' }>,
): void => {
  const { userId: user_id, achievements: seen } = event.data;
  const earned = page.earned.get({ user_id });
  const marked = earned.map((row) =>
    row.seen_at !== null || (seen !== 'all' && !seen.includes(row.achievement))
      ? row
      : { ...row, seen_at: event.recordedAt },
  );
  page.earned.set({ user_id }, marked);
};

/** What people have earned, and how far they are with the rest (SEMANTICS D5). */
export const achievements: Projection<(typeof handles)[number]> = {
  name: 'achievements',
  version: 2,
  handles,
  tables: `${TITLE_PLAYS_TABLE}${tables}`,
  belongsTo: ({ data }) => data.userId,
  project: async (events, tx) => {
    const page = await load(tx, events);
    for (const event of events) {
      if (event.type === 'AchievementsSeen') {
        markSeen(page, event);
        continue;
      }
      if (isOpinion(event)) applyOpinion(page, event);
      else {
        const change = page.changes.get(event);
        if (change) applyPlay(page, change.counted);
        if (event.type === 'WatchLinkedAsDuplicate') takeBack(page, event);
      }
      earn(page, event);
    }
    await page.titles.flush(tx);
    await page.people.flush(tx);
    await page.activeDays.flush(tx);
    await page.amounts.flush(tx);
    await page.earned.flush(tx);
    return new Set(events.map(({ data }) => `achievements:${data.userId}`));
  },
};
