import type { RecordedEvent } from '../../../commands/ports/eventStore.js';
import type { Database } from '../../postgres/database.js';
import { sqlState } from '../../postgres/databaseErrors.js';
import { asEventStoreError } from '../postgres/storeErrors.js';
import { CopyRefused, type CopiedLog, type CopyTarget } from './copyTarget.js';

/** Raised by `log.copy` where the log is not where the copy is, and where a stream has a hole. */
const GONE_ON = 'RL002';
const MISPLACED = 'RL003';
const KNOWN_ID = '23505';

/** Copies to a log in PostgreSQL: a page at a time, each in a commit of its own. */
export const toPostgres = (log: CopiedLog, database: Database): CopyTarget => ({
  log,
  write: async (events, after) => {
    try {
      const [row] = await database.query<{ position: bigint }>({
        name: 'log.copy',
        text: 'select log.copy($1, $2) as position',
        values: [after, `[${events.map(jsonOf).join(',')}]`],
      });
      if (!row) throw new Error('log.copy did not answer');
      return row.position;
    } catch (error) {
      throw refusalOf(error) ?? asEventStoreError(error);
    }
  },
});

const refusalOf = (error: unknown): CopyRefused | undefined => {
  const said = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  switch (sqlState(error)) {
    case GONE_ON:
      return new CopyRefused(
        `Something else writes to the target: ${said}. Stop it, and run the same command again.`,
        options,
      );
    case MISPLACED:
      return new CopyRefused(
        `The source is not a whole log: ${said}. Events are missing in it.`,
        options,
      );
    case KNOWN_ID:
      return new CopyRefused(
        `The source is not a sound log: an event's id stands in it twice (${said}).`,
        options,
      );
    default:
      return undefined;
  }
};

/** As `log.copy` takes it. */
const jsonOf = (event: RecordedEvent): string =>
  JSON.stringify({
    s: event.stream,
    r: event.revision.toString(),
    i: event.id,
    t: event.type,
    d: event.data,
    m: event.metadata,
    a: event.recordedAt,
  });
