import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import { invalidEvent, knownTypes } from '../knownTypes.js';
import { isSealed, unseal } from './personalText.js';

/**
 * A stored event as it is read: personal text decrypted, or `null` where its key is gone, and upcast to the
 * newest version of its type.
 * @throws when the text was tampered with, or an upcaster is missing
 */
export const opened = (event: RecordedEvent, keys: ReadonlyMap<string, Buffer>): RecordedEvent =>
  upcast(unsealed(event, keys));

/** The fields whose text is encrypted. */
export const sealedFields = ({ type, data, metadata }: RecordedEvent): readonly string[] => {
  const known = knownTypes.get(type);
  if (!known) return [];
  // An older version may have had personal text under names of its own.
  const isOlder = metadata.schemaVersion < known.type.version;
  return (isOlder ? Object.keys(data) : known.personal).filter((field) => isSealed(data[field]));
};

/** @throws when the text was tampered with */
const unsealed = (event: RecordedEvent, keys: ReadonlyMap<string, Buffer>): RecordedEvent => {
  const fields = sealedFields(event);
  if (fields.length === 0) return event;
  const key = keys.get(String(event.data.userId));
  const data = { ...event.data };
  for (const field of fields) {
    const value = event.data[field];
    if (isSealed(value)) data[field] = unseal(value, key, `${event.id}/${field}`);
  }
  return { ...event, data };
};

/** An event of an older version as one of the newest; unknown types pass as they are. */
const upcast = (event: RecordedEvent): RecordedEvent => {
  const type = knownTypes.get(event.type)?.type;
  const stored = event.metadata.schemaVersion;
  if (!type || stored >= type.version) return event;
  let data: Record<string, unknown> = { ...event.data };
  for (let version = stored; version < type.version; version += 1) {
    const step = type.upcasters[version];
    if (!step) throw invalidEvent(event.type, `has no upcaster from version ${version}`);
    data = step(data);
  }
  return { ...event, data, metadata: { ...event.metadata, schemaVersion: type.version } };
};
