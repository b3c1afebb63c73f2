import { byStream } from '../../../domain/byStream.js';
import type {
  EventStore,
  OnUnreadable,
  FoldedEvent,
  StreamEnd,
} from '../../../commands/ports/eventStore.js';

/** Everything of one owner, a person or a thing with a stream of its own; of one who has very much a part. */
export interface Owner<Event extends FoldedEvent = FoldedEvent> {
  readonly id: string;
  /** Streams of the owner, each whole, with its events in order. */
  readonly streams: readonly (readonly Event[])[];
  /** How many events that is. */
  readonly events: number;
  /** Others of the owner's streams follow: there are too many to be read at once. */
  readonly hasMore?: true;
}

export interface ReadOwnersOptions {
  /** What the names of the streams begin with; the owner's id follows, up to a dot if there is one. */
  readonly prefixes: readonly string[];
  readonly types: readonly string[];
  /** The last owner that is not wanted any more. */
  readonly after?: string | undefined;
  /** The last position that counts. */
  readonly upTo: bigint;
  readonly signal: AbortSignal;
  /** Events read at once. */
  readonly pageSize?: number;
  readonly onUnreadable?: OnUnreadable;
}

const PAGE = 2_000;
/** An owner with more is handed out in parts. */
const PAGES_OF_OWNER = 4;

/**
 * Reads the log owner by owner, in the order of their ids, some at a time: the next page of each kind of stream is
 * read while the one before is worked on.
 */
export async function* readOwners(
  eventStore: Pick<EventStore, 'readByStream'>,
  options: ReadOwnersOptions,
): AsyncGenerator<readonly Owner[], void> {
  const cursors = options.prefixes.map((prefix) => new OwnerCursor(eventStore, prefix, options));
  for (;;) {
    await Promise.all(cursors.map((cursor) => cursor.fill()));
    const owners: Owner[] = [];
    while (cursors.every(({ isKnown }) => isKnown)) {
      const id = least(cursors.flatMap(({ next }) => next ?? []));
      if (id === undefined) break;
      const parts = cursors.flatMap((cursor) => (cursor.next === id ? (cursor.take() ?? []) : []));
      owners.push(joined(id, parts));
    }
    if (owners.length === 0) return;
    yield owners;
  }
}

/** Ids sort by their bytes, as the names of streams do. */
const least = (ids: readonly string[]): string | undefined =>
  ids.reduce<string | undefined>(
    (one, id) => (one === undefined || id < one ? id : one),
    undefined,
  );

const joined = (id: string, parts: readonly Owner[]): Owner => {
  const [only, ...others] = parts;
  if (only && others.length === 0) return only;
  return {
    id,
    streams: parts.flatMap(({ streams }) => streams),
    events: parts.reduce((sum, { events }) => sum + events, 0),
    ...(parts.some(({ hasMore }) => hasMore) ? { hasMore: true } : {}),
  };
};

const ownerOf = (stream: string, prefix: string): string => {
  const dot = stream.indexOf('.', prefix.length);
  return stream.slice(prefix.length, dot === -1 ? undefined : dot);
};

/** The owners of some events. @param events those of each stream in its order */
export const ownersIn = <Event extends FoldedEvent>(
  events: Iterable<Event>,
  prefixes: readonly string[],
): readonly Owner<Event>[] => {
  const owners = new Map<string, (readonly Event[])[]>();
  for (const [name, stream] of byStream(events)) {
    const prefix = prefixes.find((one) => name.startsWith(one));
    if (prefix === undefined) continue;
    const id = ownerOf(name, prefix);
    owners.set(id, [...(owners.get(id) ?? []), stream]);
  }
  return [...owners].map(([id, streams]) => ({ id, streams, events: streams.flat().length }));
};

/** Where the events begin with which the list ends and of which this holds. */
const beginOf = (
  events: readonly FoldedEvent[],
  isOne: (event: FoldedEvent) => boolean,
): number => {
  let begin = events.length;
  for (let event = events[begin - 1]; event && isOne(event); event = events[begin - 1]) begin -= 1;
  return begin;
};

/** The owners of the streams of one kind. */
class OwnerCursor {
  readonly #eventStore: Pick<EventStore, 'readByStream'>;
  readonly #prefix: string;
  readonly #options: ReadOwnersOptions;
  /** Those that can be handed out, the next one last. */
  #complete: Owner[] = [];
  /** The last events that were read: more of their owner may follow. */
  #last: readonly FoldedEvent[] = [];
  #page: ReturnType<EventStore['readByStream']> | undefined;

  constructor(
    eventStore: Pick<EventStore, 'readByStream'>,
    prefix: string,
    options: ReadOwnersOptions,
  ) {
    this.#eventStore = eventStore;
    this.#prefix = prefix;
    this.#options = options;
    const { after } = options;
    // Behind every stream of that owner: a slash sorts behind a dot.
    this.#page = this.#read(after === undefined ? undefined : `${prefix}${after}/`);
  }

  /** The id of the next owner; `undefined` when none is left, or it is not known yet. */
  get next(): string | undefined {
    return this.#complete.at(-1)?.id;
  }

  /** Whether it is known which owner is the next, if any. */
  get isKnown(): boolean {
    return this.#complete.length > 0 || this.#page === undefined;
  }

  take(): Owner | undefined {
    return this.#complete.pop();
  }

  /** Reads on until the next owner is known, or as much of the next as is read at once. */
  async fill(): Promise<void> {
    while (!this.isKnown && this.#page) {
      const { events, next } = await this.#page;
      this.#page = next && this.#readAfter(next);
      const read = [...this.#last, ...events];
      const last = next && read.at(-1);
      if (!last) {
        this.#complete = this.#ownersOf(read).reverse();
        this.#last = [];
        continue;
      }
      const owner = this.#ownerOf(last);
      const begin = beginOf(read, (event) => this.#ownerOf(event) === owner);
      const isLong = begin === 0 && read.length >= this.#mostEvents;
      // The last stream may go on in the next page.
      const end = isLong ? beginOf(read, ({ stream }) => stream === last.stream) : begin;
      this.#last = read.slice(end);
      const owners = this.#ownersOf(read.slice(0, end)).reverse();
      this.#complete = isLong ? owners.map((part) => ({ ...part, hasMore: true })) : owners;
    }
  }

  /** Of one owner so many are kept until they are handed out. */
  get #mostEvents(): number {
    return PAGES_OF_OWNER * (this.#options.pageSize ?? PAGE);
  }

  #ownersOf(events: readonly FoldedEvent[]): Owner[] {
    const owners: { id: string; streams: (readonly FoldedEvent[])[]; events: number }[] = [];
    for (const stream of byStream(events).values()) {
      const id = this.#ownerOf(stream[0]);
      const owner = owners.at(-1);
      if (owner?.id === id) {
        owner.streams.push(stream);
        owner.events += stream.length;
      } else owners.push({ id, streams: [stream], events: stream.length });
    }
    return owners;
  }

  #ownerOf({ stream }: FoldedEvent): string {
    return ownerOf(stream, this.#prefix);
  }

  #read(stream: string | undefined): ReturnType<EventStore['readByStream']> {
    return this.#readAfter(stream === undefined ? undefined : { stream, revision: -1n });
  }

  #readAfter(after: StreamEnd | undefined): ReturnType<EventStore['readByStream']> {
    const { types, upTo, signal, pageSize: maxCount = PAGE, onUnreadable } = this.#options;
    const page = this.#eventStore.readByStream({
      ...{ prefix: this.#prefix, after, types, upTo, maxCount, signal },
      ...(onUnreadable ? { onUnreadable } : {}),
    });
    // It is awaited later, or never when the work on the page before it fails.
    page.catch(() => undefined);
    return page;
  }
}
