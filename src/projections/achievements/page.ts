import type { Runs } from '../../domain/streaks/runs.js';
import { PLAY_EVENTS } from '../../domain/viewing/titlePlays.js';
import type { GroupFold } from '../engine/groupFold.js';
import type { TableFold } from '../engine/tableFold.js';
import type { TitlePlaysFold } from '../engine/titlePlaysFold.js';
import type { ProjectedEvent, ProjectionTransaction } from '../ports/projection.js';
import type { AchievementFacts } from '../../domain/achievements/playFacts.js';
import { PersonInHand } from './personInHand.js';
import {
  activeDaysTable,
  amountsTable,
  earnedTable,
  peopleTable,
  titlesTable,
  type ActiveDaysRow,
  type AmountRow,
  type EarnedRow,
  type Opinion,
  type PersonRow,
} from './tables.js';
import { titleChange, type AchievementPlay, type TitleChange } from './titleChange.js';

const OPINION_EVENTS = ['TitleRated', 'RatingRemoved', 'ReviewWritten', 'ReviewRemoved'] as const;
export const handles = [...PLAY_EVENTS, ...OPINION_EVENTS, 'AchievementsSeen'] as const;

export type AchievementEvent = ProjectedEvent<(typeof handles)[number]>;
export type PlayEvent = ProjectedEvent<(typeof PLAY_EVENTS)[number]>;
export type OpinionEvent = ProjectedEvent<(typeof OPINION_EVENTS)[number]>;

const playTypes: ReadonlySet<string> = new Set(PLAY_EVENTS);

export const isPlay = (event: AchievementEvent): event is PlayEvent => playTypes.has(event.type);

const isAboutTitle = (event: AchievementEvent): event is PlayEvent | OpinionEvent =>
  event.type !== 'AchievementsSeen';

/** What an event did to the plays of its title. */
export interface PageChange {
  /** Every play of the title after the event, the uncounted ones too. */
  readonly plays: readonly AchievementPlay[];
  readonly counted: TitleChange;
}

const NO_RUNS: Runs = [];

interface Tables {
  readonly people: TableFold<PersonRow>;
  readonly activeDays: TableFold<ActiveDaysRow>;
  readonly amounts: TableFold<AmountRow>;
  readonly earned: GroupFold<EarnedRow>;
}

/** Everything that a page of events touches, loaded at once and written at once. */
export class Page {
  readonly titles: TitlePlaysFold<AchievementFacts, Opinion>;
  /** Of all plays' events: applied first, to know what the page touches; judged one by one afterwards. */
  readonly #changes = new Map<PlayEvent, PageChange>();
  readonly #people = new Map<string, PersonInHand>();

  private constructor(titles: TitlePlaysFold<AchievementFacts, Opinion>) {
    this.titles = titles;
  }

  /** Lets the events of a page be folded, one by one, into what is stored, and writes what that changed. */
  static async fold(
    events: readonly AchievementEvent[],
    tx: ProjectionTransaction,
    each: (event: AchievementEvent, page: Page) => void,
  ): Promise<void> {
    const page = new Page(await titlesTable.load(tx, events.filter(isAboutTitle)));
    for (const event of events) page.#touch(event);
    const tables = await page.#load(tx);
    for (const event of events) each(event, page);
    page.#keep(tables);
    await page.titles.flush(tx);
    await tables.people.flush(tx);
    await tables.activeDays.flush(tx);
    await tables.amounts.flush(tx);
    await tables.earned.flush(tx);
  }

  personOf({ data: { userId } }: AchievementEvent): PersonInHand {
    let person = this.#people.get(userId);
    if (!person) this.#people.set(userId, (person = new PersonInHand(userId)));
    return person;
  }

  changeBy(event: PlayEvent): PageChange | undefined {
    return this.#changes.get(event);
  }

  #touch(event: AchievementEvent): void {
    const person = this.personOf(event);
    person.isCounted ||= isAboutTitle(event);
    if (!isPlay(event)) return;
    const change = this.titles.apply(event);
    const counted = titleChange(change);
    for (const amount of counted.amounts) person.amountOf(amount);
    this.#changes.set(event, { plays: change.after, counted });
  }

  async #load(tx: ProjectionTransaction): Promise<Tables> {
    const people = [...this.#people.values()];
    const keys = people.map(({ userId }) => ({ user_id: userId }));
    const wanted = people.flatMap(({ userId, amounts }) =>
      amounts.map(({ kind, name }) => ({ user_id: userId, kind, name })),
    );
    const tables: Tables = {
      people: await peopleTable.load(tx, keys),
      activeDays: await activeDaysTable.load(tx, keys),
      amounts: await amountsTable.load(tx, wanted),
      earned: await earnedTable.load(tx, keys),
    };
    for (const person of people) {
      const key = { user_id: person.userId };
      person.begin({
        person: tables.people.get(key),
        runs: tables.activeDays.get(key)?.runs ?? NO_RUNS,
        earned: tables.earned.get(key),
      });
      for (const amount of person.amounts) {
        const { kind, name } = amount;
        amount.amount = tables.amounts.get({ ...key, kind, name })?.amount ?? 0;
      }
    }
    return tables;
  }

  #keep({ people, activeDays, amounts, earned }: Tables): void {
    for (const person of this.#people.values()) {
      const key = { user_id: person.userId };
      const { counters, sizes, runs } = person;
      if (person.isCounted) people.set({ ...key, counters, sizes });
      if (runs !== (activeDays.get(key)?.runs ?? NO_RUNS)) activeDays.set({ ...key, runs });
      if (person.earned !== earned.get(key)) earned.set(key, person.earned);
      for (const { kind, name, amount } of person.amounts) {
        const row = { ...key, kind, name };
        const stored = amounts.get(row)?.amount ?? 0;
        if (amount === 0) amounts.delete(row);
        else if (amount !== stored) amounts.set({ ...row, amount });
      }
    }
  }
}
