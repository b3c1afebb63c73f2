import type { EventRecord } from '../eventRecord.js';
import { linkToType } from './systemStreams.js';

/** An event as a reader gets it, with the link that led there if links are followed. */
export interface ResolvedEvent {
  /** Absent where the event that a link points at cannot be read any more. */
  readonly event?: EventRecord;
  readonly link?: EventRecord;
}

/**
 * Follows a link, an event whose data are `<number>@<stream>`; a link that points at nothing comes
 * alone: `StorageReaderWorker.ResolveLinkToEvent`.
 */
export const resolveLink = (
  record: EventRecord,
  readEvent: (stream: string, revision: number) => EventRecord | undefined,
): ResolvedEvent => {
  if (record.type !== linkToType) return { event: record };
  const target = Buffer.from(record.data).toString('utf8');
  const [, number, stream] = /^(\d+)@(.+)$/s.exec(target) ?? [];
  // Text that is no link is shown as the event that it is.
  if (number === undefined || stream === undefined) return { event: record };
  const event = readEvent(stream, Number(number));
  return event === undefined ? { link: record } : { event, link: record };
};
