import { byStream } from '../../../domain/byStream.js';
import type { EventTypeName } from '../../../domain/eventTypes.js';
import type {
  InvalidationKey,
  OwnerFold,
  PastOfStreams,
  ProjectedEvent,
  Projection,
  ProjectionTransaction,
  RowWriter,
} from '../../ports/projection.js';
import type { Table } from './table.js';
import { keyColumns, keyOf } from './tableStatements.js';

/** A read model whose rows follow from each stream by itself. */
export interface StreamProjection<Type extends EventTypeName, State> extends Pick<
  Projection<Type>,
  'name' | 'version' | 'handles' | 'tables' | 'personal'
> {
  /** What the names of its streams begin with. */
  readonly prefixes: readonly string[];
  /** Of a stream without events. */
  readonly initialState: State;
  /** The state of a stream after one more event. Parts that an event leaves alone stay the same objects. */
  evolve(state: State, event: ProjectedEvent<Type>): State;
  /** The tables with rows of one stream. */
  readonly rows?: readonly StreamTable<State>[];
  /** Sums over streams. */
  readonly sums?: SumsOverStreams<ProjectedEvent<Type>['data'], State>;
  /** What answers an event changes. */
  changedBy(event: ProjectedEvent<Type>): readonly InvalidationKey[];
}

/** A table in which each row belongs to one stream; made by `streamTable`. */
export interface StreamTable<State> {
  /** Writes the rows of a stream that is new. */
  write(state: State, rows: RowWriter): void;
  /** Begins to collect what is to be written for a page of events. */
  changes(): StreamTableChanges<State>;
}

interface StreamTableChanges<State> {
  /** @param isNew the stream had no events before */
  add(before: State, after: State, isNew: boolean): void;
  write(tx: ProjectionTransaction): Promise<void>;
}

/** Rows that several streams add up to: of one owner, or of many. */
export interface SumsOverStreams<Data, State> {
  /** Whether a row may have amounts from more than one owner. */
  readonly shared?: true;
  begin(): Sums<Data, State>;
}

/** What some streams come to. */
export interface Sums<Data, State> {
  /** The state of a stream has changed; `about` is what an event of it says. */
  change(about: Data, before: State, after: State): void;
  /** Adds the differences to the rows that are stored. */
  add(tx: ProjectionTransaction): Promise<void>;
  /** Writes them as rows, none of which is stored yet. */
  write(rows: RowWriter): void;
}

/** Several sums as one. */
export const allSums = <Data, State>(sums: readonly Sums<Data, State>[]): Sums<Data, State> => ({
  change: (about, before, after) => {
    for (const one of sums) one.change(about, before, after);
  },
  add: async (tx) => {
    for (const one of sums) await one.add(tx);
  },
  write: (rows) => {
    for (const one of sums) one.write(rows);
  },
});

/** A table of a `StreamProjection`. @param rowsOf the rows of a stream in some state, by key */
export const streamTable = <Row extends object, State>(
  table: Table<Row>,
  rowsOf: (state: State) => readonly Row[],
): StreamTable<State> => ({
  write: (state, rows) => {
    rows.write(table, rowsOf(state));
  },
  changes: () => {
    const fresh: Row[] = [];
    const changed: Row[] = [];
    const deleted: Partial<Row>[] = [];
    return {
      add: (before, after, isNew) => {
        const now = rowsOf(after);
        if (isNew) {
          fresh.push(...now);
          return;
        }
        const old = new Map(rowsOf(before).map((row) => [keyOf(row, table.keys), row]));
        for (const row of now) {
          const key = keyOf(row, table.keys);
          if (!isSame(old.get(key), row)) changed.push(row);
          old.delete(key);
        }
        for (const row of old.values()) deleted.push(keyColumns(row, table.keys));
      },
      write: (tx) => table.write(tx, { fresh, changed, deleted }),
    };
  },
});

/** Whether two rows have the same values; objects and times that were made anew count as others. */
const isSame = <Row extends object>(one: Row | undefined, other: Row): boolean => {
  if (one === undefined) return false;
  for (const column in other) if (one[column] !== other[column]) return false;
  return true;
};

/**
 * Makes a projection of it: live it folds the past of the streams that a page touches from the log and writes what
 * the page changes; in a rebuild it folds each stream once.
 */
export const streamProjection = <Type extends EventTypeName, State>(
  model: StreamProjection<Type, State>,
): Projection<Type> => {
  const { name, version, handles, tables, personal, rows: streamTables = [], sums } = model;
  const fold = (state: State, events: readonly ProjectedEvent<Type>[]): State => {
    let folded = state;
    for (const event of events) folded = model.evolve(folded, event);
    return folded;
  };

  const project = async (
    events: readonly ProjectedEvent<Type>[],
    tx: ProjectionTransaction,
    past: PastOfStreams<Type>,
  ): Promise<Iterable<InvalidationKey>> => {
    const changes = streamTables.map((table) => table.changes());
    const added = sums?.begin();
    for (const [stream, news] of byStream(events)) {
      const [first] = news;
      const before = past.of(stream);
      const was = fold(model.initialState, before);
      const now = isAfter(before, first)
        ? fold(was, news)
        : fold(model.initialState, inOrder([...before, ...news]));
      // A stream that begins with an event that is left out is not new.
      for (const change of changes) change.add(was, now, first.revision === 0n);
      added?.change(first.data, was, now);
    }
    for (const change of changes) await change.write(tx);
    await added?.add(tx);
    return new Set(events.flatMap((event) => model.changedBy(event)));
  };

  const begin = (): OwnerFold<Type> => {
    let shared = sums?.shared ? sums.begin() : undefined;
    let own: Sums<ProjectedEvent<Type>['data'], State> | undefined;
    return {
      add: (streams, rows) => {
        if (!shared) own ??= sums?.begin();
        const total = shared ?? own;
        for (const events of streams) {
          const [first] = events;
          if (!first) continue;
          const state = fold(model.initialState, events);
          for (const table of streamTables) table.write(state, rows);
          total?.change(first.data, model.initialState, state);
        }
      },
      endOwner: (rows) => {
        own?.write(rows);
        own = undefined;
      },
      addShared: async (tx) => {
        await shared?.add(tx);
        if (shared) shared = sums?.begin();
      },
    };
  };

  return {
    ...{ name, version, handles, tables, ...(personal ? { personal } : {}) },
    folds: { prefixes: model.prefixes, begin },
    project,
  };
};

/** Whether an event follows others of its stream, as it does unless it is applied late. */
const isAfter = <Event extends { readonly revision: bigint }>(
  before: readonly Event[],
  event: Event,
): boolean => (before.at(-1)?.revision ?? -1n) < event.revision;

const inOrder = <Event extends { readonly revision: bigint }>(
  events: readonly Event[],
): readonly Event[] => [...events].sort((a, b) => (a.revision < b.revision ? -1 : 1));
