import { openDatabase } from '../../src/infra/postgres/database.js';
import { migrate } from '../../src/infra/postgres/migrate.js';
import { openEventStoreDb } from '../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { openMirroredLog } from '../../src/infra/eventstore/mirror/openMirroredLog.js';
import { subscribeBare } from './esdbSubscribe.js';
import { fill, withEventStoreDb, type BenchServer } from './eventStoreDb.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { quiet, withTemporaryServer } from '../measuring/temporaryServer.js';

const EVENTS = 100_000;
const MIRROR = 'the mirror';
const BARE = 'a bare subscription';

/** Mirrors a server's whole log into a database that has none of it. */
const mirrorOnce = (server: BenchServer): Promise<number> =>
  withTemporaryServer(async (connectionString) => {
    await migrate(connectionString, { makes: true });
    const database = openDatabase({ connectionString, maxConnections: 3, logger: quiet });
    const log = openEventStoreDb({ ...server, logger: quiet });
    const began = performance.now();
    const store = await openMirroredLog({ database, log, logger: quiet, keptBy: 'this' });
    const seconds = (performance.now() - began) / 1_000;
    const [events = 0n] = await store.ordinalsAt([await store.headPosition()]);
    await store.close();
    await database.close();
    return Number(events) / seconds;
  });

/** The first mirroring of a log, in turns with a subscription of the client alone. */
export const esdbMirror: BenchRow = {
  names: ['esdb.mirror'],
  run: ({ report }) =>
    withEventStoreDb('none', async (server) => {
      await fill(server, EVENTS, report);
      const [ours, theirs]: [number[], number[]] = [[], []];
      for (let round = 0; round <= 3; round += 1) {
        const mirrored = await mirrorOnce(server);
        const rates = await inTurns(
          [{ name: BARE, work: () => subscribeBare(server, EVENTS) }],
          report,
          { rounds: 1, warmUp: false },
        );
        report(`${MIRROR}: ${mirrored.toFixed(0)}/s`);
        // The first does not count.
        if (round === 0) continue;
        ours.push(mirrored);
        theirs.push(...(rates.get(BARE) ?? []));
      }
      const against = { limit: held(ours, theirs) };
      return { 'esdb.mirror': { value: median(ours), against, note: server.on } };
    }),
};
