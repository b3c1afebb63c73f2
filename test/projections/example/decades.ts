import type { TitleSnapshot } from '../../../src/domain/viewing/events.js';
import {
  countedOf,
  PLAY_EVENTS,
  playsAfter,
  type PlayReading,
  type TitlePlay,
} from '../../../src/domain/viewing/plays/titlePlays.js';
import { VIEWING_STREAMS } from '../../../src/domain/streams.js';
import {
  streamProjection,
  type Sums,
} from '../../../src/projections/engine/tables/streamProjection.js';
import { table, writeSums } from '../../../src/projections/engine/tables/table.js';
import type {
  ProjectionTransaction,
  RowWriter,
} from '../../../src/projections/ports/projection.js';

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

const decadesTable = table<DecadeRow>('decades', ['user_id', 'decade']);

type Plays = readonly TitlePlay<Facts>[];

/** How many films of each decade people have. */
class Films implements Sums<{ readonly userId: string }, Plays> {
  readonly #rows = new Map<string, DecadeRow>();

  change({ userId }: { readonly userId: string }, before: Plays, after: Plays): void {
    this.#count(userId, decadeOf(before), -1);
    this.#count(userId, decadeOf(after), 1);
  }

  add(tx: ProjectionTransaction): Promise<void> {
    return decadesTable.add(tx, [...this.#rows.values()], 'films');
  }

  write(rows: RowWriter): void {
    writeSums(rows, decadesTable, [...this.#rows.values()]);
  }

  #count(user_id: string, decade: number | undefined, by: 1 | -1): void {
    if (decade === undefined) return;
    const key = `${user_id} ${decade}`;
    this.#rows.set(key, { user_id, decade, films: (this.#rows.get(key)?.films ?? 0) + by });
  }
}

/** How many films of each decade a person has seen. */
export const decades = streamProjection<(typeof PLAY_EVENTS)[number], Plays>({
  name: 'decades',
  version: 1,
  handles: PLAY_EVENTS,
  prefixes: [VIEWING_STREAMS],
  tables: `
    create table decades (
      user_id uuid not null,
      decade integer not null,
      films integer not null,
      primary key (user_id, decade)
    );
  `,
  initialState: [],
  evolve: (plays, event) => playsAfter(plays, event, reading),
  sums: { begin: () => new Films() },
  changedBy: ({ data }) => [`decades:${data.userId}`],
});
