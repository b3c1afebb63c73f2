import { isRecord } from '../../../../domain/record.js';
import type { RecordedEvent } from '../../../../commands/ports/eventStore.js';

/** Stands in no JSON, so that it can stand between two. */
export const BETWEEN_TEXTS = '\u001f';

/** An event whose data are JSON as the server has it. */
export interface UnparsedEvent extends Omit<RecordedEvent, 'data'> {
  readonly data: string;
}

/** @returns `undefined` where the data are no JSON */
export const parsed = <E extends UnparsedEvent>(
  event: E,
): (Omit<E, 'data'> & RecordedEvent) | undefined => {
  try {
    const data: unknown = JSON.parse(event.data);
    return isRecord(data) ? { ...event, data } : undefined;
  } catch {
    return undefined;
  }
};
