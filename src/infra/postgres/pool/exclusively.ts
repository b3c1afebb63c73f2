import type { Database } from '../database.js';

/** What advisory locks of this kind have in common. */
const SPACE = 7_236_585;

/** Does work while no other process does work of this name; the others wait, as long as a statement may take. */
export const exclusively = <T>(
  database: Database,
  name: string,
  work: () => Promise<T>,
): Promise<T> =>
  database.transaction(async (tx) => {
    await tx.query({
      text: 'select pg_advisory_xact_lock($1, hashtext($2))',
      values: [SPACE, name],
    });
    return work();
  });
