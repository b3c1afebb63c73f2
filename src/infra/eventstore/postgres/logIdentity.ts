import type { Database } from '../../postgres/database.js';
import { ANSWER_MS } from './answerLimit.js';
import { asEventStoreError } from './storeErrors.js';

/** Which log a database holds; a dump of it, restored elsewhere, is the same log. */
export const logIdentity = async (database: Database): Promise<string> => {
  try {
    const [row] = await database.query<{ id: string }>({
      name: 'log.identity',
      answerMs: ANSWER_MS,
      text: 'select id from log.head',
    });
    if (!row) throw new Error('log.head is empty: this is no event log');
    return `postgres:${row.id}`;
  } catch (error) {
    throw asEventStoreError(error);
  }
};
