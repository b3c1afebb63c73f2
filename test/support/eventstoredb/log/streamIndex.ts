import { deletedStream, type EventRecord } from './eventRecord.js';
import {
  isSoftDeleted,
  metadataOfMetastreams,
  noMetadata,
  streamMetadataOf,
  type StreamMetadata,
} from './system/streamMetadata.js';
import { isMetastream, metastreamOf, originalStreamOf } from './system/systemStreams.js';

/** A stream's events by their number; nothing is ever scavenged, so the numbers have no holes. */
interface Stream {
  readonly events: EventRecord[];
  metadata: StreamMetadata;
  tombstone?: EventRecord;
}

/** Which events each stream has: the server's `IndexReader`. */
export interface StreamIndex {
  add(record: EventRecord): void;
  /** The number of the stream's last event, -1 when it has none, `deletedStream` after a tombstone. */
  lastEventNumber(stream: string): number;
  /** The event with this number, whether or not the stream's metadata still let it be read. */
  eventAt(stream: string, revision: number): EventRecord | undefined;
  events(stream: string): readonly EventRecord[];
  metadata(stream: string): StreamMetadata;
  isSoftDeleted(stream: string): boolean;
}

/** What reading a stream needs of an index. */
export type ReadableIndex = Pick<StreamIndex, 'lastEventNumber' | 'events' | 'metadata'>;

const noEvents: readonly EventRecord[] = [];

export const createStreamIndex = (): StreamIndex => {
  const streams = new Map<string, Stream>();

  const streamOf = (name: string): Stream => {
    let stream = streams.get(name);
    if (stream === undefined) {
      stream = { events: [], metadata: noMetadata };
      streams.set(name, stream);
    }
    return stream;
  };

  const lastEventNumber = (name: string): number => {
    const stream = streams.get(name);
    if (stream?.tombstone !== undefined) return deletedStream;
    // A deleted stream takes its metastream with it: IndexReader.GetStreamLastEventNumberCached.
    if (isMetastream(name) && streams.get(originalStreamOf(name))?.tombstone !== undefined) {
      return deletedStream;
    }
    return (stream?.events.length ?? 0) - 1;
  };

  const metadata = (name: string): StreamMetadata => {
    if (isMetastream(name)) return metadataOfMetastreams;
    if (lastEventNumber(metastreamOf(name)) === deletedStream) return noMetadata;
    return streams.get(name)?.metadata ?? noMetadata;
  };

  return {
    add: (record) => {
      const stream = streamOf(record.stream);
      if (record.revision === deletedStream) {
        stream.tombstone = record;
        return;
      }
      stream.events.push(record);
      if (isMetastream(record.stream)) {
        streamOf(originalStreamOf(record.stream)).metadata = streamMetadataOf(record);
      }
    },
    lastEventNumber,
    eventAt: (name, revision) => streams.get(name)?.events[revision],
    events: (name) => streams.get(name)?.events ?? noEvents,
    metadata,
    isSoftDeleted: (name) => isSoftDeleted(metadata(name)),
  };
};

/**
 * What readers see of an index: not the events that wait to be replicated. The metadata and
 * tombstones among them count at once, where the server's readers know of them as late as of the rest.
 */
export const readableIndex = (
  index: StreamIndex,
  pending: readonly EventRecord[],
): ReadableIndex => {
  const events = (name: string): readonly EventRecord[] => {
    const all = index.events(name);
    const [first] = pending;
    if (first === undefined) return all;
    return all.slice(0, all.findLastIndex(({ position }) => position < first.position) + 1);
  };
  return {
    events,
    metadata: (name) => index.metadata(name),
    lastEventNumber: (name) => {
      const last = index.lastEventNumber(name);
      return pending.length === 0 || last === deletedStream ? last : events(name).length - 1;
    },
  };
};
