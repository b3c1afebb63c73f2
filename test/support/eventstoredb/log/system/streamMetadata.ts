import { deletedStream, type EventRecord } from '../eventRecord.js';

/** What a stream's metadata says of which events there are to read. */
export interface StreamMetadata {
  readonly maxCount?: number;
  readonly maxAgeSeconds?: number;
  readonly truncateBefore?: number;
}

export const noMetadata: StreamMetadata = {};

/** A metastream shows its last event only: `ClusterVNode`, the `metastreamMaxCount` of 1. */
export const metadataOfMetastreams: StreamMetadata = { maxCount: 1 };

const decoder = new TextDecoder();

/** JSON's numbers cannot hold Int64.MaxValue; everything near it is the mark of a deleted stream. */
const largestExact = Number.MAX_SAFE_INTEGER;

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const readJson = (bytes: Uint8Array): Readonly<Record<string, unknown>> | undefined => {
  try {
    const json: unknown = JSON.parse(decoder.decode(bytes));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
};

const isMissingOrAtLeast = (value: unknown, least: number): value is number | undefined =>
  value === undefined || (typeof value === 'number' && Number.isInteger(value) && value >= least);

/** Reads a metastream's event. Metadata with a fault in it is none: `StreamMetadata.TryFromJsonBytes`. */
export const streamMetadataOf = (record: EventRecord | undefined): StreamMetadata => {
  const json = record?.isJson === true ? readJson(record.data) : undefined;
  if (json === undefined) return noMetadata;
  const { $maxCount, $maxAge, $tb } = json;
  if (
    !isMissingOrAtLeast($maxCount, 1) ||
    !isMissingOrAtLeast($maxAge, 1) ||
    !isMissingOrAtLeast($tb, 0)
  ) {
    return noMetadata;
  }
  return {
    ...($maxCount !== undefined && { maxCount: $maxCount }),
    ...($maxAge !== undefined && { maxAgeSeconds: $maxAge }),
    ...($tb !== undefined && { truncateBefore: $tb > largestExact ? deletedStream : $tb }),
  };
};

export const isSoftDeleted = ({ truncateBefore }: StreamMetadata): boolean =>
  truncateBefore === deletedStream;

/** What a soft delete writes: the stream's metadata are gone but for this. `StorageWriterService`. */
export const softDeleteMetadata = (): Uint8Array => Buffer.from('{"$tb":9223372036854775807}');

/** The metadata of a stream written to again after a soft delete; the other properties stay. */
export const softUndeleteMetadata = (
  record: EventRecord | undefined,
  truncateBefore: number,
): Uint8Array | undefined => {
  const json = record === undefined ? undefined : readJson(record.data);
  return json && Buffer.from(JSON.stringify({ ...json, $tb: truncateBefore }));
};
