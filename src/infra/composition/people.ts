import type { Logger } from 'pino';
import type { Config } from '../config/config.js';
import type { People } from '../../queries/ports/facts.js';
import type { PersonProvider } from '../people/people.js';
import type { Database } from '../postgres/database.js';

/** Looks people up for answers, at a provider where there is one. */
export const openPeople = async (
  { personFetches: fetches, answerSeconds }: Config,
  given: {
    readonly database: Database;
    readonly provider: PersonProvider | undefined;
    readonly logger: Logger;
  },
): Promise<People & { close(): Promise<void> }> => {
  const [{ createPeople }, { createPeopleTable }] = await Promise.all([
    import('../people/people.js'),
    import('../people/peopleTable.js'),
  ]);
  const { database, ...rest } = given;
  // Half of what an answer may take (SEMANTICS D10).
  const limitMs = (answerSeconds * 1_000) / 2;
  return createPeople({ ...rest, table: createPeopleTable(database), fetches, limitMs });
};
