import {
  EventStoreError,
  isEventStoreFailure,
  type EventPlace,
  type EventStore,
  type EventToAppend,
  type FoldedEvent,
  type LogBatch,
  type OnUnreadable,
  type RecordedEvent,
} from '../../commands/ports/eventStore.js';
import { invalidEvent, knownTypes } from './knownTypes.js';
import { opened, sealedFields } from './privacy/openedEvent.js';
import { byStream } from '../../domain/byStream.js';
import { accountStream } from '../../domain/streams.js';
import type { KeysOfPerson, PeoplesKeys, PersonalKeys } from './privacy/personalKeys.js';
import { seal } from './privacy/personalText.js';

const noKeys: PeoplesKeys = new Map();
/** Of people whose keys are missing so many are named at once. */
const NAMED = 20;

/** Where people are named whose keys are missing; a pino logger is one. */
interface KeysLog {
  warn(details: object, message: string): void;
}

/**
 * Stands before either adapter. On append it checks each event against its type's schema, stamps the schema
 * version and encrypts personal text; on read it decrypts and upcasts to the newest version.
 */
export const withDomainEvents = (
  store: EventStore,
  { personalKeys, logger }: { readonly personalKeys: PersonalKeys; readonly logger?: KeysLog },
): EventStore => {
  const keysFor = async (userId: string): Promise<KeysOfPerson> => {
    const known = (await personalKeys.keysOf([userId])).get(userId);
    if (known) return known;
    const { events } = await store.readStream(accountStream(userId), { maxCount: 1 });
    if (events.some((event) => sealedFields(event).length > 0)) {
      logger?.warn(
        { userId },
        'a new key is made for a person whose key this database has lost: what they wrote before stays unreadable ' +
          'until the row of personal_keys is restored from a backup',
      );
    }
    return personalKeys.make(userId);
  };

  const outgoing = async (event: EventToAppend): Promise<EventToAppend> => {
    const entry = knownTypes.get(event.type);
    if (!entry) throw invalidEvent(event.type, 'is not a known type of event');
    const checked = entry.check(event.data);
    if (!checked.ok) {
      const [first] = checked.errors;
      throw invalidEvent(
        event.type,
        `${first?.field ?? 'data'} ${first?.message ?? 'is not valid'}`,
      );
    }
    const metadata = { ...event.metadata, schemaVersion: entry.type.version };
    const texts = entry.personal.filter((field) => typeof event.data[field] === 'string');
    const userId = event.data.userId;
    if (texts.length === 0 || typeof userId !== 'string') return { ...event, metadata };
    const keys = await keysFor(userId);
    if (keys === 'erased') {
      throw invalidEvent(event.type, 'is about a person whose data were erased');
    }
    const { id, key } = keys.at(-1) ?? keys[0];
    const data = { ...event.data };
    for (const field of texts) {
      data[field] = seal(String(event.data[field]), key, `${event.id}/${field}`, id);
    }
    return { ...event, data, metadata };
  };

  const incoming = openingOf(personalKeys, logger);

  return {
    ...store,
    append: async (stream, events, options) =>
      store.append(stream, await Promise.all(events.map(outgoing)), options),
    readStream: async (stream, options) => {
      const slice = await store.readStream(stream, options);
      return { ...slice, events: await incoming(slice.events) };
    },
    readAll: async (options) => {
      const page = await store.readAll(options);
      return { ...page, events: await incoming(page.events, options?.onUnreadable) };
    },
    readBefore: async (ends, options) => {
      const pasts = await store.readBefore(ends, options);
      const events = await incoming([...pasts.values()].flat(), options?.onUnreadable);
      return byStream(events);
    },
    readByStream: async (options) => {
      const page = await store.readByStream(options);
      return { ...page, events: await incoming(page.events, options.onUnreadable) };
    },
    subscribeToAll: (options) =>
      follow(store.subscribeToAll(options), (events) => incoming(events, options.onUnreadable)),
  };
};

/** Reads events as the log has them: decrypts, and upcasts to the newest version. */
export const openingOf = (personalKeys: Pick<PersonalKeys, 'keysOf'>, logger?: KeysLog) => {
  const reported = new Set<string>();
  const report = (people: ReadonlySet<string>): void => {
    const news = [...people].filter((userId) => !reported.has(userId));
    if (news.length === 0) return;
    for (const userId of news) reported.add(userId);
    logger?.warn(
      { people: news.length, userIds: news.slice(0, NAMED) },
      'what people wrote cannot be read: their keys are not in this database; restore the rows of personal_keys from ' +
        'a backup, then rebuild the read models',
    );
  };
  return async <Event extends FoldedEvent>(
    events: readonly Event[],
    onUnreadable: OnUnreadable = fail,
  ): Promise<readonly Event[]> => {
    const owners = new Set<string>();
    for (const event of events) {
      if (sealedFields(event).length > 0) owners.add(String(event.data.userId));
    }
    const keys = owners.size > 0 ? await personalKeys.keysOf([...owners]) : undefined;
    const readable: Event[] = [];
    const missing = new Set<string>();
    for (const event of events) {
      try {
        readable.push(
          opened(event, keys ?? noKeys, (why) => {
            if (why === 'unknown') missing.add(String(event.data.userId));
          }),
        );
      } catch (error) {
        onUnreadable(placeOf(event), unreadable(event, error));
      }
    }
    report(missing);
    return readable;
  };
};

const fail: OnUnreadable = (_, error) => {
  throw error;
};

/** Of an event that cannot be read everything but what it says. */
const placeOf = ({
  id,
  type,
  stream,
  revision,
  position,
  recordedAt,
}: FoldedEvent): EventPlace => ({ id, type, stream, revision, position, recordedAt });

/** Whatever stood in the way of reading it: an upcaster that is missing or fails, text that was tampered with. */
const unreadable = (event: FoldedEvent, error: unknown): EventStoreError => {
  const { type } = event;
  const detail = isEventStoreFailure(error, 'invalid-event')
    ? error.failure.detail
    : `cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  return new EventStoreError(
    { kind: 'invalid-event', type, detail, event: placeOf(event) },
    `${type} at position ${event.position} ${detail}`,
    { cause: error },
  );
};

async function* follow(
  batches: AsyncIterable<LogBatch>,
  incoming: (events: readonly RecordedEvent[]) => Promise<readonly RecordedEvent[]>,
): AsyncGenerator<LogBatch, void> {
  for await (const batch of batches) {
    yield { ...batch, events: await incoming(batch.events) };
  }
}
