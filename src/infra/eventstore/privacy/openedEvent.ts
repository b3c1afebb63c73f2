import type { FoldedEvent } from '../../../commands/ports/eventStore.js';
import { invalidEvent, knownTypes } from '../knownTypes.js';
import type { KeysOfPerson, PeoplesKeys } from './personalKeys.js';
import { isSealed, unseal, type SealedText } from './personalText.js';

/** Why a text cannot be read: its key was destroyed, or is not in this database. */
export type KeyMissing = 'erased' | 'unknown';

/**
 * A stored event as it is read: personal text decrypted, or `null` where its key is missing, and upcast to the
 * newest version of its type.
 * @param onMissing called for each text whose key is missing
 * @throws when the text was tampered with, or an upcaster is missing
 */
export const opened = <Event extends FoldedEvent>(
  event: Event,
  keys: PeoplesKeys,
  onMissing?: (why: KeyMissing) => void,
): Event => upcast(unsealed(event, keys, onMissing));

/** The fields whose text is encrypted. */
export const sealedFields = ({ type, data, metadata }: FoldedEvent): readonly string[] => {
  const known = knownTypes.get(type);
  if (!known) return [];
  // An older version may have had personal text under names of its own.
  const isOlder = metadata.schemaVersion < known.type.version;
  return (isOlder ? Object.keys(data) : known.personal).filter((field) => isSealed(data[field]));
};

/** @throws when the text was tampered with */
const unsealed = <Event extends FoldedEvent>(
  event: Event,
  people: PeoplesKeys,
  onMissing?: (why: KeyMissing) => void,
): Event => {
  const fields = sealedFields(event);
  if (fields.length === 0) return event;
  const keys = people.get(String(event.data.userId));
  const data = { ...event.data };
  for (const field of fields) {
    const value = event.data[field];
    if (!isSealed(value)) continue;
    const text = textOf(value, keys, event, `${event.id}/${field}`);
    if (text === undefined) onMissing?.(keys === 'erased' ? 'erased' : 'unknown');
    data[field] = text ?? null;
  }
  return { ...event, data };
};

/** The text; `undefined` when its key is missing. @throws when it was tampered with */
const textOf = (
  sealed: SealedText,
  keys: KeysOfPerson | undefined,
  { recordedAt }: Pick<FoldedEvent, 'recordedAt'>,
  place: string,
): string | undefined => {
  if (keys === undefined || keys === 'erased') return undefined;
  if (sealed.key !== undefined) {
    const named = keys.find(({ id }) => id === sealed.key);
    return named && unseal(sealed, named.key, place);
  }
  // Written before texts named their keys, when a person had one.
  const [first] = keys;
  try {
    return unseal(sealed, first.key, place);
  } catch (error) {
    // A key that was made later is not the one that is missing.
    if (first.createdAt > recordedAt) return undefined;
    throw error;
  }
};

/** An event of an older version as one of the newest; unknown types pass as they are. */
const upcast = <Event extends FoldedEvent>(event: Event): Event => {
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
