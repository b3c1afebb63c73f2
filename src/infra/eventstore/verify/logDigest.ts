import { createHash } from 'node:crypto';
import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import { canonicalJson } from './canonicalJson.js';

/** What a whole log comes to, up to one of its events. */
export interface LogDigest {
  /** The next event in the order of the log. */
  add(event: RecordedEvent): void;
  /** How many events there were, a colon, and the hash of them all. */
  value(): string;
}

/** All of an event but its position: the same in every copy of a log. */
export const contentOf = ({
  stream,
  revision,
  id,
  type,
  data,
  metadata,
  recordedAt,
}: RecordedEvent): string =>
  canonicalJson([stream, `${revision}`, id, type, data, metadata, recordedAt.toISOString()]);

/** Of the events alone, not of their positions: a copy of a log has the same. */
export const createLogDigest = (): LogDigest => {
  const hash = createHash('sha256');
  let events = 0;
  return {
    add: (event) => {
      hash.update(`${contentOf(event)}\n`);
      events += 1;
    },
    value: () => `${events}:${hash.copy().digest('base64url')}`,
  };
};

/** Text that has the form of a digest. */
export const digestPattern = /^(\d+):[\w-]{43}$/;

/** How many events a digest is of. */
export const eventsOfDigest = (digest: string): number => Number(digestPattern.exec(digest)?.[1]);
