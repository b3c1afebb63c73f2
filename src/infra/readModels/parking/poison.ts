import { EventStoreError } from '../../../commands/ports/eventStore.js';
import { CheckpointMoved } from '../../../projections/ports/readModelStore.js';
import { DatabaseUnavailable, sqlState } from '../../postgres/databaseErrors.js';

/**
 * What PostgreSQL says of values, by SQLSTATE class: cardinality 21, data 22, constraints 23, check options 44,
 * limits of the program 54, exceptions raised by functions P0 (PostgreSQL documentation, appendix A). Everything
 * else is about the server, the transaction or the tables: of that no event is to blame.
 */
const OF_VALUES = /^(21|22|23|44|54|P0)/;
const SQLSTATE = /^[0-9A-Z]{5}$/;
const ERROR_CHARACTERS = 2_000;
const DETAIL_CHARACTERS = 20_000;

/** Whether an event can be to blame for an error in projecting. */
export const blamesEvent = (error: unknown): boolean => {
  if (error instanceof DatabaseUnavailable || error instanceof CheckpointMoved) return false;
  if (error instanceof EventStoreError) return error.failure.kind === 'invalid-event';
  const state = sqlState(error);
  return state === undefined || !SQLSTATE.test(state) || OF_VALUES.test(state);
};

/** An error as it is kept: what it says, and where it came from. */
export const told = (error: unknown): { readonly error: string; readonly detail: string } => ({
  error: storable(error instanceof Error ? error.message : String(error), ERROR_CHARACTERS),
  detail: storable(inFull(error), DETAIL_CHARACTERS),
});

/** What is told of an error beside its message and stack: nothing that could hold a row or a value. */
const FIELDS = ['code', 'schema', 'table', 'column', 'constraint', 'routine'] as const;

const inFull = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error);
  const fields = FIELDS.flatMap((name) => {
    const value: unknown = Reflect.get(error, name);
    return typeof value === 'string' ? [`${name}: ${value}`] : [];
  });
  const cause = error.cause === undefined ? [] : [`caused by ${inFull(error.cause)}`];
  return [error.stack ?? `${error.name}: ${error.message}`, ...fields, ...cause].join('\n');
};

/** PostgreSQL takes no NUL in text. */
const storable = (text: string, characters: number): string =>
  text.replaceAll('\0', '\uFFFD').slice(0, characters);
