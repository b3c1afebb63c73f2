import { EventStoreError } from '../../../commands/ports/eventStore.js';
import { DatabaseUnavailable, sqlState } from '../../postgres/databaseErrors.js';
import { failure } from '../failure.js';

/** Class 22: data exceptions, such as a character PostgreSQL cannot store; 23505: an id used twice in one append. */
const INVALID_STATE = /^(22|23505)/;
const TIMEOUT_STATE = '57014';

/** What a database error means to a caller of the log. */
export const asEventStoreError = (error: unknown): EventStoreError => {
  if (error instanceof EventStoreError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  const state = sqlState(error);
  if (error instanceof DatabaseUnavailable)
    return failure({ kind: 'unavailable' }, message, options);
  if (state === TIMEOUT_STATE) return failure({ kind: 'timeout' }, message, options);
  if (state !== undefined && INVALID_STATE.test(state))
    return failure({ kind: 'invalid-event', type: '', detail: message }, message, options);
  return failure({ kind: 'unavailable' }, message, options);
};
