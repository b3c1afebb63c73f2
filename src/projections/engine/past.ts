import { byStream } from '../../domain/byStream.js';
import type { EventStore, RecordedEvent, StreamEnd } from '../../commands/ports/eventStore.js';
import type { PastOfStreams, ProjectedEvent, Projection } from '../ports/projection.js';

/** The events of some streams, by stream. */
export type StreamsBefore = ReadonlyMap<string, readonly RecordedEvent[]>;

/**
 * Reads what the log has of the streams of a page before the page; of an event that cannot be read nothing.
 * Streams that begin in the page have no past, and are most of an import.
 */
export const readPast = async (
  eventStore: Pick<EventStore, 'readBefore'>,
  page: readonly RecordedEvent[],
  options: { readonly upTo?: bigint; readonly signal?: AbortSignal } = {},
): Promise<StreamsBefore> => {
  const ends = new Map<string, StreamEnd>();
  for (const { stream, revision } of page) {
    if (!ends.has(stream)) ends.set(stream, { stream, revision });
  }
  const begun = [...ends.values()].filter(({ revision }) => revision > 0n);
  if (begun.length === 0) return new Map();
  return eventStore.readBefore(begun, { ...options, onUnreadable: () => undefined });
};

/** Reads the past before a page, once for all read models that the page is given to. */
export type PastReader = (page: readonly RecordedEvent[]) => Promise<StreamsBefore>;

export const createPastReader = (eventStore: Pick<EventStore, 'readBefore'>): PastReader => {
  const pages = new WeakMap<readonly RecordedEvent[], Promise<StreamsBefore>>();
  return (page) => {
    const known = pages.get(page);
    if (known) return known;
    const reading = readPast(eventStore, page);
    pages.set(page, reading);
    return reading;
  };
};

/**
 * What a read model has of some streams: the events that it handles and that are not left out.
 * @param applied the events of the page itself that are in the rows already, as where a worker joins others
 */
export const pastOf = (
  streams: StreamsBefore,
  { handles }: Pick<Projection, 'handles'>,
  leftOut: { has(id: string): boolean },
  applied: readonly RecordedEvent[] = [],
): PastOfStreams => {
  const isHandled = handledBy({ handles });
  const isWanted = (event: RecordedEvent): event is RecordedEvent & ProjectedEvent =>
    isHandled(event) && !leftOut.has(event.id);
  const inPage = byStream(applied);
  const of = (stream: string) => [...(streams.get(stream) ?? []), ...(inPage.get(stream) ?? [])];
  return { of: (stream) => of(stream).filter(isWanted) };
};

/** Tells which events a read model wants; when they were appended their data were checked to be those of the type. */
export const handledBy = ({
  handles,
}: Pick<Projection, 'handles'>): ((
  event: RecordedEvent,
) => event is RecordedEvent & ProjectedEvent) => {
  const types: ReadonlySet<string> = new Set(handles);
  return (event): event is RecordedEvent & ProjectedEvent => types.has(event.type);
};
