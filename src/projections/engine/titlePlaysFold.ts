import {
  playsAfter,
  type PlayEvent,
  type PlayReading,
  type TitlePlay,
} from '../../domain/viewing/titlePlays.js';
import type { ProjectionTransaction } from '../ports/projection.js';
import { table } from './table.js';
import type { TableFold } from './tableFold.js';

/**
 * The table in which a read model keeps what it needs of each person's plays of each title, to know what an
 * amendment or a removal undoes. Each read model has its own, with its own facts in it, and in `opinion` what it
 * keeps of the person's opinion of the title: one row to load and to write.
 */
export const TITLE_PLAYS_TABLE = `
  create table title_plays (
    user_id uuid not null,
    title_id uuid not null,
    plays json not null,
    opinion json,
    primary key (user_id, title_id)
  );
`;

interface TitlePlaysRow<Facts, Opinion> {
  readonly user_id: string;
  readonly title_id: string;
  readonly plays: readonly TitlePlay<Facts>[];
  readonly opinion: Opinion | null;
}

interface TitleKey {
  readonly userId: string;
  readonly titleId: string;
}

/** A person's plays of a title before and after something happened. */
export interface PlaysChange<Facts> {
  readonly userId: string;
  readonly titleId: string;
  readonly before: readonly TitlePlay<Facts>[];
  readonly after: readonly TitlePlay<Facts>[];
}

type RecordedPlayEvent = PlayEvent & { readonly recordedAt: Date };

/** Loads the plays that a page of events touches. */
export interface TitlePlaysTable<Facts, Opinion> {
  load(
    tx: ProjectionTransaction,
    events: readonly { readonly data: TitleKey }[],
  ): Promise<TitlePlaysFold<Facts, Opinion>>;
}

/** The table of a read model, with what it keeps of each play. */
export const titlePlays = <Facts, Opinion = never>(
  reading: PlayReading<Facts>,
): TitlePlaysTable<Facts, Opinion> => {
  const rows = table<TitlePlaysRow<Facts, Opinion>>('title_plays', ['user_id', 'title_id']);
  return {
    load: async (tx, events) => {
      const wanted = events.map(({ data }) => ({ user_id: data.userId, title_id: data.titleId }));
      return new TitlePlaysFold(await rows.load(tx, wanted), reading);
    },
  };
};

/** The plays that a page of events touches. */
export class TitlePlaysFold<Facts, Opinion = never> {
  readonly #table: TableFold<TitlePlaysRow<Facts, Opinion>>;
  readonly #reading: PlayReading<Facts>;
  readonly #first = new Map<string, PlaysChange<Facts>>();

  constructor(table: TableFold<TitlePlaysRow<Facts, Opinion>>, reading: PlayReading<Facts>) {
    this.#table = table;
    this.#reading = reading;
  }

  /** Applies one event. @returns what it changed. */
  apply(event: RecordedPlayEvent): PlaysChange<Facts> {
    const { userId, titleId } = event.data;
    const row = this.#rowOf(event.data);
    const before = row.plays;
    const after = playsAfter(before, event, this.#reading);
    this.#table.set({ ...row, plays: after });
    const change = { userId, titleId, before, after };
    const key = `${userId}${titleId}`;
    const first = this.#first.get(key);
    this.#first.set(key, first ? { ...first, after } : change);
    return change;
  }

  opinionOf(key: TitleKey): Opinion | null {
    return this.#rowOf(key).opinion;
  }

  setOpinion(key: TitleKey, opinion: Opinion | null): void {
    this.#table.set({ ...this.#rowOf(key), opinion });
  }

  /** What the whole page changed, one entry for each person and title. */
  changes(): readonly PlaysChange<Facts>[] {
    return [...this.#first.values()];
  }

  flush(tx: ProjectionTransaction): Promise<void> {
    return this.#table.flush(tx);
  }

  #rowOf({ userId: user_id, titleId: title_id }: TitleKey): TitlePlaysRow<Facts, Opinion> {
    return (
      this.#table.get({ user_id, title_id }) ?? { user_id, title_id, plays: [], opinion: null }
    );
  }
}
