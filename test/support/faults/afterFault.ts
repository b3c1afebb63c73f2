import { expect } from 'chai';
import { withDomainEvents } from '../../../src/infra/eventstore/domainEventStore.js';
import { createPersonalKeys } from '../../../src/infra/eventstore/personalKeys.js';
import { createPostgresEventStore } from '../../../src/infra/eventstore/postgres/postgresEventStore.js';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import { testLogger } from '../logger.js';
import type { Clients } from './clients.js';
import type { Deed } from './deeds.js';
import { openRebuilder } from './rebuilt.js';
import { expectWholeLog } from './wholeLog.js';

/** Looks at what is stored, past the service, once whatever was disturbed has recovered. */
export interface Aftermath {
  /**
   * The log is whole, everything acknowledged is in it once, nothing is half-done, and the read models are what a
   * rebuild makes of it.
   * @param connectionString the database, which may be another after each fault
   */
  expectAllWell(connectionString: string, clients: Clients): Promise<void>;
  close(): Promise<void>;
}

export const openAftermath = async (): Promise<Aftermath> => {
  const rebuilder = await openRebuilder();
  return {
    expectAllWell: async (connectionString, { deeds, unexpected }) => {
      expect(unexpected, 'answers').to.deep.equal([]);
      const database = openDatabase({ connectionString, maxConnections: 4, logger: testLogger });
      const log = createPostgresEventStore({ database, logger: testLogger });
      const personalKeys = createPersonalKeys(database);
      try {
        await expectWholeLog({ log, personalKeys }, deeds);
        await expectSettled(database, deeds);
        await rebuilder.expectSame(database, withDomainEvents(log, { personalKeys }));
      } finally {
        await log.close();
        await database.close();
      }
    },
    close: () => rebuilder.close(),
  };
};

/** What stands beside the log agrees with it: receipts give the answer that was given, names have their films. */
const expectSettled = async (database: Database, deeds: readonly Deed[]): Promise<void> => {
  const receipts = await database.query<{ key: string; position: string | null }>({
    text: `select key, outcome ->> 'position' as position from command_receipts
           where outcome is not null`,
  });
  const kept = new Map(receipts.map(({ key, position }) => [key, position]));
  const lost = deeds.flatMap(({ request, acknowledged }) => {
    const key = request.headers?.['Idempotency-Key'];
    if (typeof key !== 'string' || !acknowledged) return [];
    const position = acknowledged.position?.toString() ?? null;
    return kept.get(key) === position ? [] : [`${key}: ${kept.get(key)} rather than ${position}`];
  });
  expect(lost, 'receipts of what was acknowledged').to.deep.equal([]);

  const unreserved = await database.query({
    text: `select e.stream, e.data ->> 'tmdbId' as tmdb from log.events e
           where e.type = 'MovieImported' and e.data ->> 'tmdbId' is not null and not exists (
             select from reservations r
             where r.name = 'tmdb:movie:' || (e.data ->> 'tmdbId')
               and 'movie-' || r.owner = e.stream)`,
  });
  expect(unreserved, 'films whose number another film could take').to.deep.equal([]);
};
