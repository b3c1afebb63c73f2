/** An event as a client sends it. */
export interface ProposedEvent {
  readonly id: string;
  readonly type: string;
  readonly isJson: boolean;
  readonly data: Uint8Array;
  readonly metadata: Uint8Array;
}

/** An event as the log keeps it. */
export interface EventRecord extends ProposedEvent {
  /** The log offset of the record's first byte: its commit position and its prepare position. */
  readonly position: number;
  /** The log offset just after the record. */
  readonly end: number;
  readonly stream: string;
  /** The event's number in its stream, or `deletedStream` for a tombstone. */
  readonly revision: number;
  /** Milliseconds since 1970. */
  readonly created: number;
}

/** The number of a tombstone, and the `$tb` of a stream softly deleted: the server's largest Int64. */
export const deletedStream = Number.POSITIVE_INFINITY;

/** A revision as the wire has it. */
export const int64 = (revision: number): string =>
  revision === deletedStream ? '9223372036854775807' : String(revision);

/**
 * What a record takes besides its strings and bytes: length before and after (8), type, version and
 * position (10), flags (2), transaction position and offset (12), expected version (8), two ids
 * (32), time (8), lengths of data and metadata (8). `LogRecord.WriteWithLengthPrefixAndSuffixTo`,
 * `PrepareLogRecord.WriteTo`.
 */
const fixedBytes = 88;

/** A string as .NET's BinaryWriter has it: its bytes after their number in groups of seven bits. */
const stringBytes = (text: string): number => {
  const bytes = Buffer.byteLength(text);
  return bytes + (bytes < 0x80 ? 1 : bytes < 0x4000 ? 2 : bytes < 0x20_0000 ? 3 : 4);
};

/** How many bytes a record takes in the log: positions grow by it. */
export const recordBytes = (stream: string, event: ProposedEvent): number =>
  fixedBytes +
  stringBytes(stream) +
  stringBytes(event.type) +
  event.data.length +
  event.metadata.length;
