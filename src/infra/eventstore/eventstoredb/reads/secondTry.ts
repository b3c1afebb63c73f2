import { isEventStoreFailure } from '../../../../commands/ports/eventStore.js';

/**
 * A read that the server could not answer is made once more, from its beginning: by now the client has another
 * connection, or knows where the leader is.
 */
export const withSecondTry = async <T>(read: () => Promise<T>): Promise<T> => {
  try {
    return await read();
  } catch (error) {
    if (!isEventStoreFailure(error, 'unavailable')) throw error;
    return read();
  }
};
