import { ProviderFailure, type ProviderFault } from '../../commands/ports/movieProvider.js';
import { OutgoingFailure } from '../outgoing/outgoingFailure.js';

/** Whether a provider answered that there is no such thing. */
export const isNotFound = (error: unknown): boolean =>
  error instanceof OutgoingFailure &&
  error.failure.kind === 'status' &&
  error.failure.status === 404;

/** A request without an answer as the failure of its provider; what is none stays as it is. */
export const asProviderFailure = (error: unknown): unknown =>
  error instanceof OutgoingFailure
    ? new ProviderFailure(error.provider, faultOf(error), error.message, { cause: error })
    : error;

const faultOf = ({ failure }: OutgoingFailure): ProviderFault => {
  if (failure.kind === 'malformed') return 'malformed';
  const isRefusal = failure.kind === 'status' && (failure.status === 401 || failure.status === 403);
  return isRefusal ? 'key-refused' : 'unavailable';
};
