import type {
  AppendResult,
  EventToAppend,
  ExpectedRevision,
} from '../../../commands/ports/eventStore.js';
import type { Database, Statement } from '../../postgres/database.js';
import { sqlState } from '../../postgres/databaseErrors.js';
import { ANSWER_MS } from './answerLimit.js';
import { requireBounded } from '../appendBounds.js';
import { failure } from '../failure.js';
import { asEventStoreError } from './storeErrors.js';

/** An event with its JSON, made when it arrived: its size is known and nothing can change it. */
interface WrittenEvent {
  readonly id: string;
  readonly type: string;
  readonly data: string;
  readonly metadata: string;
}

/** One caller's append, waiting for a commit. */
interface PendingAppend {
  readonly stream: string;
  readonly expected: ExpectedRevision;
  readonly events: readonly WrittenEvent[];
  /** Of the events as JSON. */
  readonly characters: number;
  readonly resolve: (result: AppendResult) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = 'appended' | 'duplicate' | 'wrong-revision' | 'foreign-id';
type OutcomeRow = readonly [
  nth: number,
  outcome: Outcome,
  lastRevision: bigint,
  lastPosition: bigint | null,
];

/** Told of every commit: of how many appends it was, and how long it took. */
export type CommitObserver = (commit: {
  readonly appends: number;
  readonly seconds: number;
}) => void;

/** What one commit takes at most; beyond it appends wait for the next. */
const GROUP_APPENDS = 1_000;
const GROUP_BYTES = 8_000_000;

/**
 * Appends that arrive while a commit is in flight go out together in the next one. One commit at a time:
 * the head row's lock would queue a second anyway, and the wait is what makes groups.
 */
export class GroupCommit {
  readonly #database: Database;
  readonly #committed: (position: bigint) => void;
  readonly #observer: CommitObserver | undefined;
  #queue: PendingAppend[] = [];
  #flight: Promise<void> | undefined;

  constructor(
    database: Database,
    committed: (position: bigint) => void,
    observer: CommitObserver | undefined,
  ) {
    this.#database = database;
    this.#committed = committed;
    this.#observer = observer;
  }

  append(
    stream: string,
    events: readonly EventToAppend[],
    expected: ExpectedRevision,
  ): Promise<AppendResult> {
    const written = events.map(({ id, type, data, metadata }) => ({
      id,
      type,
      data: JSON.stringify(data),
      metadata: JSON.stringify(metadata),
    }));
    const characters = written.reduce(
      (sum, { type, data, metadata }) => sum + type.length + data.length + metadata.length,
      0,
    );
    return new Promise((resolve, reject) => {
      requireBounded(characters);
      this.#queue.push({ stream, expected, events: written, characters, resolve, reject });
      this.#flight ??= this.#run();
    });
  }

  /** Resolves when everything handed in so far is answered. */
  async idle(): Promise<void> {
    while (this.#flight) await this.#flight;
  }

  async #run(): Promise<void> {
    // Appends of the same turn of the event loop go together.
    await Promise.resolve();
    while (this.#queue.length > 0) {
      const group = this.#nextGroup();
      const began = performance.now();
      await this.#commit(group);
      this.#observer?.({ appends: group.length, seconds: (performance.now() - began) / 1_000 });
    }
    this.#flight = undefined;
  }

  /** The longest prefix within the bounds, one append per stream: the next to a stream is decided after it. */
  #nextGroup(): PendingAppend[] {
    const group: PendingAppend[] = [];
    const later: PendingAppend[] = [];
    const streams = new Set<string>();
    let bytes = 0;
    for (const pending of this.#queue) {
      const full = group.length >= GROUP_APPENDS || bytes + pending.characters > GROUP_BYTES;
      if (group.length > 0 && (full || streams.has(pending.stream))) {
        later.push(pending);
        // Those behind it in the same stream must not overtake it.
        streams.add(pending.stream);
        continue;
      }
      group.push(pending);
      streams.add(pending.stream);
      bytes += pending.characters;
    }
    this.#queue = later;
    return group;
  }

  /** @returns whether the append is settled; if not, `log.append` must look closer. */
  async #commitAlone(pending: PendingAppend): Promise<boolean> {
    try {
      const [row] = await this.#database.query<readonly [bigint, bigint]>({
        answerMs: ANSWER_MS,
        rowMode: 'array',
        ...aloneStatement(pending),
      });
      if (!row) return false;
      pending.resolve({ revision: row[0], position: row[1] });
      this.#committed(row[1]);
      return true;
    } catch (error) {
      if (NOT_PLAIN.has(sqlState(error) ?? '')) return false;
      pending.reject(asEventStoreError(error));
      return true;
    }
  }

  async #commit(group: readonly PendingAppend[]): Promise<void> {
    const [only, ...others] = group;
    if (only && others.length === 0 && (await this.#commitAlone(only))) return;
    try {
      const rows = await this.#database.query<OutcomeRow>({
        name: 'log.append',
        answerMs: ANSWER_MS,
        text: 'select nth, outcome, last_revision, last_position from log.append($1, $2)',
        values: [
          `[${group.map(jsonOf).join(',')}]`,
          group.flatMap(({ events }, index) => events.map(() => index + 1)),
        ],
        rowMode: 'array',
      });
      let head = 0n;
      for (const row of rows) {
        const pending = group[row[0] - 1];
        if (!pending) continue;
        settle(pending, row);
        if (row[1] === 'appended' && row[3] !== null && row[3] > head) head = row[3];
      }
      if (head > 0n) this.#committed(head);
    } catch (error) {
      const typed = asEventStoreError(error);
      // One bad append must not fail its neighbours: each is tried again by itself.
      if (group.length > 1 && typed.failure.kind === 'invalid-event') {
        for (const pending of group) await this.#commit([pending]);
        return;
      }
      for (const pending of group) pending.reject(typed);
    }
  }
}

/** Raised by log.append_alone when log.append must decide; an id that is known; two equal ids in one append. */
const NOT_PLAIN = new Set(['RL001', '23505']);

const settle = (pending: PendingAppend, [, outcome, revision, position]: OutcomeRow): void => {
  switch (outcome) {
    case 'appended':
    case 'duplicate':
      pending.resolve({ revision, position: position ?? 0n });
      return;
    case 'wrong-revision':
      pending.reject(
        failure(
          {
            kind: 'wrong-expected-revision',
            stream: pending.stream,
            expected: pending.expected,
            ...(revision >= 0n ? { actual: revision } : {}),
          },
          `${pending.stream} is at ${revision >= 0n ? `revision ${revision}` : 'no revision'}, ` +
            `not at ${pending.expected}`,
        ),
      );
      return;
    case 'foreign-id':
      pending.reject(
        failure(
          { kind: 'event-id-taken', stream: pending.stream },
          `an event id of the append to ${pending.stream} is already used elsewhere`,
        ),
      );
      return;
    default: {
      const never: never = outcome;
      pending.reject(new Error(`unknown outcome ${String(never)}`));
    }
  }
};

const expectedCode = (expected: ExpectedRevision): string => {
  switch (expected) {
    case 'no-stream':
      return '-1';
    case 'any':
      return '-2';
    case 'stream-exists':
      return '-3';
    default:
      return expected.toString();
  }
};

/** As `log.append` takes them. */
const jsonOf = ({ stream, expected, events }: PendingAppend): string => {
  const to = `{"s":${JSON.stringify(stream)},"x":${expectedCode(expected)},"i":`;
  return events
    .map(
      ({ id, type, data, metadata }) =>
        `${to}${JSON.stringify(id)},"t":${JSON.stringify(type)},"d":${data},"m":${metadata}}`,
    )
    .join(',');
};

const aloneStatement = (pending: PendingAppend): Statement => {
  const { stream, expected, events } = pending;
  const [first, ...more] = events;
  if (expected === 'no-stream' && first && more.length === 0) {
    return {
      name: 'log.append_first',
      text: APPEND_FIRST,
      values: [stream, first.id, first.type, first.data, first.metadata],
    };
  }
  return {
    name: 'log.append_alone',
    text: 'select last_revision, last_position from log.append_alone($1, $2, $3)',
    values: [stream, expectedCode(expected), `[${jsonOf(pending)}]`],
  };
};

/**
 * One event to a new stream, in one plain statement, a tenth faster than by a function. The head row's lock is
 * taken first here too; whether the stream or the id is there already is told by the unique constraints.
 */
const APPEND_FIRST = `
  with head as (
    update log.head set position = position + 1,
                        recorded_at = greatest(recorded_at, clock_timestamp())
    returning position, recorded_at
  ), inserted as (
    insert into log.events (position, stream, revision, id, type, data, metadata, recorded_at)
    select position, $1, 0, $2, $3, $4, $5, recorded_at from head
    returning revision, position
  )
  select revision, position, pg_notify('reellog_log', position::text) from inserted`;
