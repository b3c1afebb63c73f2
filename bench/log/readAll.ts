import pg from 'pg';
import { withDomainEvents } from '../../src/infra/eventstore/domainEventStore.js';
import { createPersonalKeys } from '../../src/infra/eventstore/privacy/personalKeys.js';
import { createPostgresEventStore } from '../../src/infra/eventstore/postgres/postgresEventStore.js';
import { openDatabase } from '../../src/infra/postgres/database.js';
import { reellogAppender } from './appendContenders.js';
import { appendMany } from './appends.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { quiet, withTemporaryServer } from '../measuring/temporaryServer.js';

const APPENDS = 300;
const IN_ONE_APPEND = 500;
const PAGE = 2_000;
const REELLOG = 'Reellog';
const PLAIN = 'a paged SELECT';

/** Reads the log to its end through the door that everybody reads through. @returns how many events */
const throughTheDoor = async (connectionString: string): Promise<number> => {
  const database = openDatabase({ connectionString, maxConnections: 4, logger: quiet });
  const log = createPostgresEventStore({ database, logger: quiet });
  const store = withDomainEvents(log, { personalKeys: createPersonalKeys(database) });
  try {
    let events = 0;
    for (let after = 0n, end = false; !end;) {
      const page = await store.readAll({ after, maxCount: PAGE });
      events += page.events.length;
      ({ end, position: after } = page);
    }
    return events;
  } finally {
    await log.close();
    await database.close();
  }
};

/** The driver parses the JSON, and gives the rest as it comes. */
const plainly = async (connectionString: string): Promise<number> => {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    let events = 0;
    for (let after = '0', more = true; more;) {
      const { rows } = await client.query<{ position: string }>({
        name: 'page',
        text: 'select * from log.events where position > $1 order by position limit $2',
        values: [after, PAGE],
      });
      events += rows.length;
      after = rows.at(-1)?.position ?? after;
      more = rows.length === PAGE;
    }
    return events;
  } finally {
    await client.end();
  }
};

/** The whole log, page by page. */
export const readAll: BenchRow = {
  names: ['read.all'],
  run: ({ report }) =>
    withTemporaryServer(async (connectionString) => {
      const appender = await reellogAppender(connectionString);
      try {
        await appendMany(appender, { appends: APPENDS, of: IN_ONE_APPEND, atOnce: 2 });
      } finally {
        await appender.close();
      }
      const rates = await inTurns(
        [
          { name: REELLOG, work: () => throughTheDoor(connectionString) },
          { name: PLAIN, work: () => plainly(connectionString) },
        ],
        report,
      );
      const [ours, theirs] = [rates.get(REELLOG) ?? [], rates.get(PLAIN) ?? []];
      return { 'read.all': { value: median(ours), against: { limit: held(ours, theirs) } } };
    }),
};
