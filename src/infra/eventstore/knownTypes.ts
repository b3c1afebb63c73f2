import { EventStoreError } from '../../commands/ports/eventStore.js';
import type { EventType } from '../../domain/eventType.js';
import { eventTypes } from '../../domain/eventTypes.js';
import { PERSONAL } from '../../domain/schemas.js';
import { validator, type Validation } from '../../domain/validation.js';

/** A type of event with what the domain event store does with its events. */
export interface KnownType {
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

export const knownTypes: ReadonlyMap<string, KnownType> = new Map(
  Object.entries<EventType>(eventTypes).map(([name, type]) => [
    name,
    { type, check: validator(type.schema), personal: personalFields(type) },
  ]),
);

export const invalidEvent = (type: string, detail: string): EventStoreError =>
  new EventStoreError({ kind: 'invalid-event', type, detail }, `${type} ${detail}`);
