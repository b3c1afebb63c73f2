import { ReadModelsUnavailable, type ReadModels } from '../../queries/ports/readModels.js';
import type { Database } from './database.js';
import { DatabaseUnavailable, sqlState } from './databaseErrors.js';

/** SQLSTATE `undefined_table`: on a first start questions may come before the read models are made. */
const NO_TABLE = '42P01';

/** Lets queries read through the pool. */
export const readModelsOf = (database: Database): ReadModels => ({
  query: async (statement) => {
    try {
      return await database.query(statement);
    } catch (error) {
      if (error instanceof DatabaseUnavailable) {
        throw new ReadModelsUnavailable(error.message, { cause: error });
      }
      if (sqlState(error) === NO_TABLE) {
        throw new ReadModelsUnavailable('The read models are not made yet.', { cause: error });
      }
      throw error;
    }
  },
});
