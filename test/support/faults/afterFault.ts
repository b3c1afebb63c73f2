import { expect } from 'chai';
import type { EventStore, RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { withDomainEvents } from '../../../src/infra/eventstore/domainEventStore.js';
import { createPersonalKeys } from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { createPostgresEventStore } from '../../../src/infra/eventstore/postgres/postgresEventStore.js';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import { testLogger } from '../run/logger.js';
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

/** A log by itself, to be closed. */
type OpenedLog = EventStore & { close(): Promise<void> };

const inDatabase = (database: Database): OpenedLog | Promise<OpenedLog> =>
  createPostgresEventStore({ database, logger: testLogger });

/** @param openLog opens the log that goes with the database; the one in it where there is no other */
export const openAftermath = async (openLog = inDatabase): Promise<Aftermath> => {
  const rebuilder = await openRebuilder();
  return {
    expectAllWell: async (connectionString, { deeds, unexpected }) => {
      expect(unexpected, 'answers').to.deep.equal([]);
      const database = openDatabase({ connectionString, maxConnections: 4, logger: testLogger });
      const log = await openLog(database);
      const personalKeys = createPersonalKeys(database);
      try {
        const events = await expectWholeLog({ log, personalKeys }, deeds);
        await expectReceipts(database, deeds);
        await expectReserved(database, events);
        await rebuilder.expectSame(database, withDomainEvents(log, { personalKeys }));
      } finally {
        await log.close();
        await database.close();
      }
    },
    close: () => rebuilder.close(),
  };
};

/** Whoever asks again under the same key gets the answer that was given. */
const expectReceipts = async (database: Database, deeds: readonly Deed[]): Promise<void> => {
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
};

/** No other film can take the number of one that is there. */
const expectReserved = async (
  database: Database,
  events: readonly RecordedEvent[],
): Promise<void> => {
  const rows = await database.query<{ name: string; owner: string }>({
    text: 'select name, owner from reservations',
  });
  const owners = new Map(rows.map(({ name, owner }) => [name, owner]));
  const free = events.filter(
    ({ type, data: { movieId, tmdbId } }) =>
      type === 'MovieImported' &&
      typeof tmdbId === 'number' &&
      owners.get(`tmdb:movie:${tmdbId}`) !== movieId,
  );
  expect(free, 'films whose number is not reserved for them').to.deep.equal([]);
};
