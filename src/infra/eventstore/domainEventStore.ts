import type {
  EventStore,
  EventToAppend,
  LogBatch,
  RecordedEvent,
} from '../../commands/ports/eventStore.js';
import { EventStoreError } from '../../commands/ports/eventStore.js';
import type { EventType } from '../../domain/eventType.js';
import { eventTypes } from '../../domain/eventTypes.js';
import { PERSONAL } from '../../domain/schemas.js';
import { validator, type Validation } from '../../domain/validation.js';
import type { PersonalKeys } from './personalKeys.js';
import { isSealed, seal, unseal } from './personalText.js';

interface KnownType {
  readonly type: EventType;
  readonly check: (data: unknown) => Validation<unknown>;
  /** The fields that hold personal text. */
  readonly personal: readonly string[];
}

const personalFields = (type: EventType): string[] => {
  const properties: unknown = (type.schema as { properties?: unknown }).properties;
  return Object.entries(properties ?? {})
    .filter(([, schema]) => typeof schema === 'object' && schema !== null && PERSONAL in schema)
    .map(([name]) => name);
};

const known: ReadonlyMap<string, KnownType> = new Map(
  Object.entries<EventType>(eventTypes).map(([name, type]) => [
    name,
    { type, check: validator(type.schema), personal: personalFields(type) },
  ]),
);

/**
 * Stands before either adapter. On append it checks each event against its type's schema, stamps the schema
 * version and encrypts personal text; on read it decrypts and upcasts to the newest version.
 */
export const withDomainEvents = (
  store: EventStore,
  { personalKeys }: { readonly personalKeys: PersonalKeys },
): EventStore => {
  const outgoing = async (event: EventToAppend): Promise<EventToAppend> => {
    const entry = known.get(event.type);
    if (!entry) throw invalid(event.type, 'is not a known type of event');
    const checked = entry.check(event.data);
    if (!checked.ok) {
      const [first] = checked.errors;
      throw invalid(event.type, `${first?.field ?? 'data'} ${first?.message ?? 'is not valid'}`);
    }
    const metadata = { ...event.metadata, schemaVersion: entry.type.version };
    const texts = entry.personal.filter((field) => typeof event.data[field] === 'string');
    const userId = event.data.userId;
    if (texts.length === 0 || typeof userId !== 'string') return { ...event, metadata };
    const key = await personalKeys.keyFor(userId);
    if (!key) throw invalid(event.type, 'is about a person whose data were erased');
    const data = { ...event.data };
    for (const field of texts) {
      data[field] = seal(String(event.data[field]), key, `${event.id}/${field}`);
    }
    return { ...event, data, metadata };
  };

  const incoming = async (events: readonly RecordedEvent[]): Promise<readonly RecordedEvent[]> => {
    const owners = new Set<string>();
    for (const event of events) {
      if (sealedFields(event).length > 0) owners.add(String(event.data.userId));
    }
    const keys = owners.size > 0 ? await personalKeys.keysOf([...owners]) : undefined;
    return events.map((event) => upcast(keys ? unsealed(event, keys) : event));
  };

  return {
    append: async (stream, events, options) =>
      store.append(stream, await Promise.all(events.map(outgoing)), options),
    readStream: async (stream, options) => {
      const slice = await store.readStream(stream, options);
      return { ...slice, events: await incoming(slice.events) };
    },
    readAll: async (options) => {
      const page = await store.readAll(options);
      return { ...page, events: await incoming(page.events) };
    },
    subscribeToAll: (options) => follow(store.subscribeToAll(options), incoming),
    headPosition: (options) => store.headPosition(options),
  };
};

async function* follow(
  batches: AsyncIterable<LogBatch>,
  incoming: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>,
): AsyncGenerator<LogBatch, void> {
  for await (const batch of batches) {
    yield { ...batch, events: await incoming(batch.events) };
  }
}

const sealedFields = (event: RecordedEvent): readonly string[] =>
  known.get(event.type)?.personal.filter((field) => isSealed(event.data[field])) ?? [];

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
  const type = known.get(event.type)?.type;
  const stored = event.metadata.schemaVersion;
  if (!type || stored >= type.version) return event;
  let data: Record<string, unknown> = { ...event.data };
  for (let version = stored; version < type.version; version += 1) {
    const step = type.upcasters[version];
    if (!step) throw invalid(event.type, `has no upcaster from version ${version}`);
    data = step(data);
  }
  return { ...event, data, metadata: { ...event.metadata, schemaVersion: type.version } };
};

const invalid = (type: string, detail: string): EventStoreError =>
  new EventStoreError({ kind: 'invalid-event', type, detail }, `${type} ${detail}`);
