import { reached, RULE_VERSION } from '../../domain/achievements/achievements.js';
import { achievementFactsOf, type AchievementFacts } from '../../domain/achievements/playFacts.js';
import type { WatchedWhen } from '../../domain/viewing/events.js';
import { PLAY_EVENTS } from '../../domain/viewing/titlePlays.js';
import { TableFold } from '../engine/tableFold.js';
import { TITLE_PLAYS_TABLE, TitlePlaysFold, type PlaysChange } from '../engine/titlePlaysFold.js';
import type { ProjectedEvent, Projection, ProjectionTransaction } from '../ports/projection.js';
import { amountsOf, newPerson, withPlays, type AmountKind, type PersonRow } from './personFold.js';
import { tables } from './tables.js';

interface AmountRow {
  readonly user_id: string;
  readonly kind: string;
  readonly name: string;
  readonly amount: number;
}

interface OpinionRow {
  readonly user_id: string;
  readonly title_id: string;
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

/** Everything of a page of events, loaded at once. */
interface Page {
  readonly plays: TitlePlaysFold<AchievementFacts>;
  readonly people: TableFold<PersonRow>;
  readonly amounts: TableFold<AmountRow>;
  readonly opinions: TableFold<OpinionRow>;
  readonly earned: Map<string, Map<string, EarnedRow>>;
  readonly earnedTable: TableFold<EarnedRow>;
}

/** The names that a page's plays can touch: of every state each title goes through. */
const wantedAmounts = (changes: readonly PlaysChange<AchievementFacts>[]) =>
  changes.flatMap(({ userId, before, after }) =>
    [...amountsOf(before).keys(), ...amountsOf(after).keys()].map((key) => {
      const cut = key.indexOf('|');
      return { user_id: userId, kind: key.slice(0, cut), name: key.slice(cut + 1) };
    }),
  );

const load = async (tx: ProjectionTransaction, events: readonly AchievementEvent[]) => {
  const plays = await TitlePlaysFold.load(tx, events.filter(isPlay), achievementFactsOf);
  // Applied first, to know what the page touches; judged one by one afterwards.
  const changes = events.filter(isPlay).map((event) => plays.apply(event));
  const users = [...new Set(events.map(({ data }) => data.userId))];
  const keys = users.map((user_id) => ({ user_id }));
  const earnedRows = await tx.query<EarnedRow>({
    name: 'earned.of_people',
    text: 'select * from earned where user_id = any($1::uuid[])',
    values: [users],
  });
  const earned = new Map<string, Map<string, EarnedRow>>(users.map((user) => [user, new Map()]));
  for (const row of earnedRows) earned.get(row.user_id)?.set(row.achievement, row);
  const page: Page = {
    plays,
    people: await TableFold.load<PersonRow>(tx, 'people', ['user_id'], keys),
    amounts: await TableFold.load<AmountRow>(
      tx,
      'amounts',
      ['user_id', 'kind', 'name'],
      wantedAmounts(changes),
    ),
    opinions: await TableFold.load<OpinionRow>(
      tx,
      'opinions',
      ['user_id', 'title_id'],
      events
        .filter(isOpinion)
        .map(({ data }) => ({ user_id: data.userId, title_id: data.titleId })),
    ),
    earned,
    earnedTable: await TableFold.load<EarnedRow>(tx, 'earned', ['user_id', 'achievement'], []),
  };
  return { page, changes };
};

const applyPlay = (page: Page, change: PlaysChange<AchievementFacts>): void => {
  const user_id = change.userId;
  const key = (kind: AmountKind, name: string) => ({ user_id, kind, name });
  const person = page.people.get({ user_id }) ?? newPerson(user_id);
  page.people.set(
    withPlays(person, change, {
      get: (kind, name) => page.amounts.get(key(kind, name))?.amount ?? 0,
      set: (kind, name, amount) => {
        if (amount === 0) page.amounts.delete(key(kind, name));
        else page.amounts.set({ ...key(kind, name), amount });
      },
    }),
  );
};

const applyOpinion = (page: Page, event: OpinionEvent): void => {
  const key = { user_id: event.data.userId, title_id: event.data.titleId };
  const old = page.opinions.get(key) ?? { ...key, rated: false, reviewed: false };
  const now = {
    ...old,
    ...(event.type === 'TitleRated' ? { rated: true } : {}),
    ...(event.type === 'RatingRemoved' ? { rated: false } : {}),
    ...(event.type === 'ReviewWritten' ? { reviewed: true } : {}),
    ...(event.type === 'ReviewRemoved' ? { reviewed: false } : {}),
  };
  page.opinions.set(now);
  const person = page.people.get({ user_id: key.user_id }) ?? newPerson(key.user_id);
  page.people.set({
    ...person,
    counters: {
      ...person.counters,
      ratings: person.counters.ratings + Number(now.rated) - Number(old.rated),
      reviews: person.counters.reviews + Number(now.reviewed) - Number(old.reviewed),
    },
  });
};

/** The event that crosses the line earns it; what happens to that event later does not matter. */
const earn = (page: Page, event: PlayEvent | OpinionEvent): void => {
  const { userId, titleId } = event.data;
  const person = page.people.get({ user_id: userId });
  const earned = page.earned.get(userId);
  if (!person || !earned) return;
  const watched = event.type === 'MovieWatched' ? event.data.watched : undefined;
  for (const { id } of reached(person.counters, new Set(earned.keys()))) {
    const row: EarnedRow = {
      user_id: userId,
      achievement: id,
      earned_at: event.recordedAt,
      title_id: titleId,
      play_id: 'playId' in event.data ? event.data.playId : null,
      watched: watched ?? null,
      retroactive: 'source' in event.data && event.data.source === 'import',
      rule_version: RULE_VERSION,
      seen_at: null,
    };
    earned.set(id, row);
    page.earnedTable.set(row);
  }
};

const markSeen = (
  page: Page,
  event: Extract<AchievementEvent, { type: 'AchievementsSeen' }>,
): void => {
  const { userId, achievements: seen } = event.data;
  for (const row of page.earned.get(userId)?.values() ?? []) {
    if (row.seen_at !== null || (seen !== 'all' && !seen.includes(row.achievement))) continue;
    const marked = { ...row, seen_at: event.recordedAt };
    page.earned.get(userId)?.set(row.achievement, marked);
    page.earnedTable.set(marked);
  }
};

/** What people have earned, and how far they are with the rest (SEMANTICS D5). */
export const achievements: Projection<(typeof handles)[number]> = {
  name: 'achievements',
  version: 1,
  handles,
  tables: `${TITLE_PLAYS_TABLE}${tables}`,
  project: async (events, tx) => {
    const { page, changes } = await load(tx, events);
    const pending = changes[Symbol.iterator]();
    for (const event of events) {
      if (isPlay(event)) {
        const { value: change } = pending.next();
        if (change) applyPlay(page, change);
        earn(page, event);
      } else if (isOpinion(event)) {
        applyOpinion(page, event);
        earn(page, event);
      } else markSeen(page, event);
    }
    await page.plays.flush(tx);
    await page.people.flush(tx);
    await page.amounts.flush(tx);
    await page.opinions.flush(tx);
    await page.earnedTable.flush(tx);
    return new Set(events.map(({ data }) => `achievements:${data.userId}`));
  },
};
