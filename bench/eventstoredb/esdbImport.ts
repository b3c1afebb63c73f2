import { importMovieLensInto } from '../data/dataFolders.js';
import { withEventStoreDb } from './eventStoreDb.js';
import { EVENTSTOREDB, onServer, POSTGRES } from '../log/logPlaces.js';
import { held, inTurns, median } from '../measuring/rounds.js';
import type { BenchRow } from '../row.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';

/** The whole import, in turns with the log in EventStoreDB and in PostgreSQL. */
export const esdbImport: BenchRow = {
  names: ['esdb.import'],
  run: ({ report }) =>
    withEventStoreDb('real', async (server) => {
      const importing = (environment: () => Record<string, string>) => () =>
        withTemporaryFolder(
          async (path) => (await importMovieLensInto(path, { environment: environment() })).events,
        );
      const contenders = [
        { name: EVENTSTOREDB, work: importing(() => ({ ...onServer(server) })) },
        { name: POSTGRES, work: importing(() => ({})) },
      ];
      const rates = await inTurns(contenders, report, { warmUp: false });
      const [ours, theirs] = [rates.get(EVENTSTOREDB) ?? [], rates.get(POSTGRES) ?? []];
      const against = { postgres: held(ours, theirs) };
      return { 'esdb.import': { value: median(ours), against, note: server.on } };
    }),
};
