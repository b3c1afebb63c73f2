import type { EventRecord } from '../../log/eventRecord.js';
import { metastreamOf } from '../../log/system/systemStreams.js';

/** Where the default ACLs are. */
const settingsStream = '$settings';

/**
 * Ends a subscription whose caller may no longer read its stream, as soon as new metadata say so:
 * `SubscriptionsService.ProcessStreamMetadataChanges`, `…ProcessSettingsStreamChanges`.
 */
export const whenAccessIsLost = (
  record: EventRecord,
  stream: string,
  demandAccess: () => void,
  fail: (error: unknown) => void,
): void => {
  if (!record.stream.startsWith('$')) return;
  if (record.stream !== metastreamOf(stream) && record.stream !== settingsStream) return;
  try {
    demandAccess();
  } catch (error) {
    fail(error);
  }
};
