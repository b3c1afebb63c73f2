import type { TitleSnapshot } from '../../../src/domain/viewing/events.js';
import {
  countedOf,
  PLAY_EVENTS,
  type PlayReading,
  type TitlePlay,
} from '../../../src/domain/viewing/titlePlays.js';
import { table } from '../../../src/projections/engine/table.js';
import { TITLE_PLAYS_TABLE, titlePlays } from '../../../src/projections/engine/titlePlaysFold.js';
import type { Projection } from '../../../src/projections/ports/projection.js';

interface DecadeRow {
  readonly user_id: string;
  readonly decade: number;
  readonly films: number;
}

/** What is kept of a play: the decade of the film's release, where it is known. */
interface Facts {
  readonly decade: number | null;
}

const factsOf = ({ releaseYear }: TitleSnapshot): Facts => ({
  decade: releaseYear === undefined ? null : Math.floor(releaseYear / 10) * 10,
});

const reading: PlayReading<Facts> = {
  recorded: ({ snapshot }) => factsOf(snapshot),
  amended: (facts) => facts,
  learnt: (facts, snapshot) => (facts.decade === null ? factsOf(snapshot) : facts),
};

/** The decade of the first play that counts and knows it; none where no play counts. */
const decadeOf = (plays: readonly TitlePlay<Facts>[]): number | undefined =>
  countedOf(plays).flatMap(({ facts: { decade } }) => decade ?? [])[0];

const titles = titlePlays(reading);
const decadesTable = table<DecadeRow>('decades', ['user_id', 'decade']);

/** How many films of each decade a person has seen. */
export const decades: Projection<(typeof PLAY_EVENTS)[number]> = {
  name: 'decades',
  version: 1,
  handles: PLAY_EVENTS,
  tables: `
    ${TITLE_PLAYS_TABLE}
    create table decades (
      user_id uuid not null,
      decade integer not null,
      films integer not null,
      primary key (user_id, decade)
    );
  `,
  project: async (events, tx) => {
    const plays = await titles.load(tx, events);
    for (const event of events) plays.apply(event);
    const sums = new Map<string, DecadeRow>();
    const add = (user_id: string, decade: number | undefined, films: number): void => {
      if (decade === undefined) return;
      const key = `${user_id} ${decade}`;
      sums.set(key, { user_id, decade, films: (sums.get(key)?.films ?? 0) + films });
    };
    for (const { userId, before, after } of plays.changes()) {
      add(userId, decadeOf(before), -1);
      add(userId, decadeOf(after), 1);
    }
    await plays.flush(tx);
    const changed = [...sums.values()].filter(({ films }) => films !== 0);
    await decadesTable.add(tx, changed, 'films');
    return new Set(events.map(({ data }) => `decades:${data.userId}`));
  },
};
