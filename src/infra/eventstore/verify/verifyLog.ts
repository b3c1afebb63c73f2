import { validate as isUuid } from 'uuid';
import type { EventStore, RecordedEvent } from '../../../commands/ports/eventStore.js';
import { createChainCheck } from './chainCheck.js';
import { knownTypes } from '../knownTypes.js';
import { createLogDigest, eventsOfDigest } from './logDigest.js';
import { opened, sealedFields, type KeyMissing } from '../privacy/openedEvent.js';
import type { PeoplesKeys, PersonalKeys } from '../privacy/personalKeys.js';

/** Something that is not as a log must be. */
export interface LogFault {
  readonly position: bigint;
  readonly stream: string;
  readonly fault: string;
}

export interface LogVerification {
  readonly events: number;
  readonly streams: number;
  /** How many of the events are in the hash chain of their stream. */
  readonly chained: number;
  /** The last position read. */
  readonly position: bigint;
  /** What `expectedDigest` is next time: a log with other events, fewer or another order has another one. */
  readonly digest: string;
  readonly faults: number;
  /** The first of them. */
  readonly first: readonly LogFault[];
  /** People whose text cannot be read: their keys were destroyed, or are not in this database. */
  readonly keysMissing: Readonly<Record<KeyMissing, readonly string[]>>;
}

const PAGE = 2_000;
const FIRST = 50;
/** The stream of a fault that is no stream's. */
const WHOLE_LOG = '(the log)';

/**
 * Reads a whole log as the adapter gives it and checks what everything else relies on: positions without gaps,
 * each stream's revisions from 0 without holes, times that never go back, ids that stand once, hash chains that
 * hold, personal text that can be decrypted, and data that fit their type's schema when they are upcast. Keeps a
 * number and a hash for every stream and an id for every event in memory.
 */
export const verifyLog = async (options: {
  readonly log: Pick<EventStore, 'readAll' | 'headPosition' | 'ordinalsAt'>;
  readonly personalKeys: Pick<PersonalKeys, 'keysOf'>;
  /** A digest of this log from before. */
  readonly expectedDigest?: string;
  readonly signal: AbortSignal;
  readonly onProgress?: (position: bigint) => void;
}): Promise<LogVerification> => {
  const { log, personalKeys, expectedDigest, signal, onProgress } = options;
  const revisions = new Map<string, bigint>();
  const ids = new Set<string>();
  const chains = createChainCheck();
  const digest = createLogDigest();
  const expectedEvents = expectedDigest === undefined ? undefined : eventsOfDigest(expectedDigest);
  const first: LogFault[] = [];
  const missing = { erased: new Set<string>(), unknown: new Set<string>() };
  let events = 0;
  let faults = 0;
  let position = 0n;
  let recordedAt = new Date(0);

  const blame = (
    { position: at, stream }: Pick<LogFault, 'position' | 'stream'>,
    found: readonly string[],
  ): void => {
    faults += found.length;
    for (const fault of found)
      if (first.length < FIRST) first.push({ position: at, stream, fault });
  };
  const compareWithExpected = (): void => {
    if (events !== expectedEvents || digest.value() === expectedDigest) return;
    blame({ position, stream: WHOLE_LOG }, [
      `up to here is not the log that had the digest ${expectedDigest}`,
    ]);
  };
  const follows = (event: RecordedEvent): boolean =>
    counts ? event.position === position + 1n : event.position > position;
  const placeOf = (event: RecordedEvent): readonly string[] => {
    const expected = (revisions.get(event.stream) ?? -1n) + 1n;
    const found = [
      ...(follows(event) ? [] : [`follows position ${position}`]),
      ...(event.revision === expected
        ? []
        : [`has revision ${event.revision}, where ${expected} is due`]),
      ...(event.recordedAt >= recordedAt ? [] : ['was recorded before the event before it']),
      ...(ids.has(event.id) ? [`has the id of an earlier event, ${event.id}`] : []),
    ];
    revisions.set(event.stream, event.revision);
    ids.add(event.id);
    position = event.position;
    recordedAt = event.recordedAt;
    return found;
  };

  // Where they count events, in PostgreSQL, none may be missing.
  signal.throwIfAborted();
  signal.throwIfAborted();
  const head = await log.headPosition({ signal });
  const counts = (await log.ordinalsAt([head]))[0] === head;
  compareWithExpected();
  for (let end = false; !end;) {
    signal.throwIfAborted();
    const page = await log.readAll({ after: position, maxCount: PAGE, signal });
    const people = page.events
      .filter((event) => sealedFields(event).length > 0)
      .map((event) => String(event.data.userId))
      .filter((userId) => isUuid(userId));
    const keys = await personalKeys.keysOf([...new Set(people)]);
    for (const event of page.events) {
      const content = contentFaults(event, keys, (why) => {
        missing[why].add(String(event.data.userId));
      });
      blame(event, [...placeOf(event), ...chains.faultsOf(event), ...content]);
      digest.add(event);
      events += 1;
      compareWithExpected();
    }
    end = page.end;
    onProgress?.(position);
  }
  if (expectedEvents !== undefined && events < expectedEvents) {
    blame({ position, stream: WHOLE_LOG }, [`ends after ${events} of ${expectedEvents} events`]);
  }
  return {
    events,
    streams: revisions.size,
    chained: chains.chained(),
    position,
    digest: digest.value(),
    faults,
    first,
    keysMissing: { erased: [...missing.erased].sort(), unknown: [...missing.unknown].sort() },
  };
};

const contentFaults = (
  event: RecordedEvent,
  keys: PeoplesKeys,
  onMissing: (why: KeyMissing) => void,
): readonly string[] => {
  const known = knownTypes.get(event.type);
  if (!known) return [`is of the unknown type ${event.type}`];
  if (event.metadata.schemaVersion > known.type.version) {
    return [
      `is of version ${event.metadata.schemaVersion} of ${event.type}, which is not known here`,
    ];
  }
  try {
    const checked = known.check(opened(event, keys, onMissing).data);
    return checked.ok
      ? []
      : checked.errors.map(({ field, message }) => `${event.type}: ${field} ${message}`);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return [`${event.type} cannot be read: ${why}`];
  }
};
