import { ReadModelsUnavailable, type ReadModels } from '../../queries/ports/readModels.js';
import type { Database } from './database.js';
import { DatabaseUnavailable } from './databaseErrors.js';

/** Lets queries read through the pool. */
export const readModelsOf = (database: Database): ReadModels => ({
  query: async (statement) => {
    try {
      return await database.query(statement);
    } catch (error) {
      if (!(error instanceof DatabaseUnavailable)) throw error;
      throw new ReadModelsUnavailable(error.message, { cause: error });
    }
  },
});
