import type { EventRecord } from '../eventRecord.js';

/** Names that the server gives a meaning: `SystemStreams`, `SystemEventTypes`. */
export const allStream = '$all';
export const epochStream = '$epoch-information';
export const streamMetadataType = '$metadata';
export const streamDeletedType = '$streamDeleted';
export const linkToType = '$>';

export const isMetastream = (stream: string): boolean => stream.startsWith('$$');
export const metastreamOf = (stream: string): string => `$$${stream}`;
export const originalStreamOf = (metastream: string): string => metastream.slice(2);

const persistentToAll = '$persistentsubscription-$all::';

/**
 * Whether reads and subscriptions of `$all` show an event at all: neither the epochs, nor what
 * persistent subscriptions to `$all` keep for themselves. `EventFilter.DefaultAllFilterStrategy`.
 */
export const isShownInAll = ({ stream }: EventRecord): boolean =>
  !stream.startsWith('$') ||
  (stream !== epochStream &&
    !(
      stream.startsWith(persistentToAll) &&
      (stream.endsWith('-checkpoint') || stream.endsWith('-parked'))
    ));
