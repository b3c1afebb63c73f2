import type { Static, TSchema } from 'typebox';

/**
 * One type of event: the schema of its newest version and how older stored versions become the newest.
 * Stored events are never rewritten; they are upcast when read.
 */
export interface EventType<Schema extends TSchema = TSchema> {
  /** The version written today; the first is 1. */
  readonly version: number;
  readonly schema: Schema;
  /** `upcasters[n]` turns the data of version `n` into that of version `n + 1`; one for every old version. */
  readonly upcasters: Readonly<Record<number, Upcaster>>;
}

/** Pure and total: every stored example of the old version must pass through it. */
export type Upcaster = (data: Readonly<Record<string, unknown>>) => Record<string, unknown>;

/** The event types of one aggregate by name. */
export type EventTypes = Readonly<Record<string, EventType>>;

/** Declares an event type; without upcasters for a first version. */
export const eventType = <Schema extends TSchema>(
  schema: Schema,
  version = 1,
  upcasters: Readonly<Record<number, Upcaster>> = {},
): EventType<Schema> => ({ version, schema, upcasters });

/** The union `{ type, data }` of a table of event types. */
export type EventOf<Types extends EventTypes> = {
  [Name in keyof Types & string]: {
    readonly type: Name;
    readonly data: Static<Types[Name]['schema']>;
  };
}[keyof Types & string];
