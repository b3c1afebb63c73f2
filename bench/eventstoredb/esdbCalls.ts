import { startEventStoreDouble } from '../../test/support/eventstoredb/double.js';
import { importMovieLensInto } from '../data/dataFolders.js';
import type { BenchRow } from '../row.js';
import { withTemporaryFolder } from '../measuring/temporaryServer.js';

const PEOPLE = 40;

/** What an import asks the server for, counted by a double. */
export const esdbCalls: BenchRow = {
  names: ['esdb.appends', 'esdb.reads'],
  run: () =>
    withTemporaryFolder(async (path) => {
      const double = await startEventStoreDouble();
      const counted = (at: 'request' | 'afterWrite', method: 'BatchAppend' | 'Read') =>
        double.faults.inject({
          ...{ at, method, times: Number.POSITIVE_INFINITY },
          effect: { kind: 'delay', milliseconds: 0 },
        });
      try {
        const [appends, reads] = [counted('afterWrite', 'BatchAppend'), counted('request', 'Read')];
        const environment = { REELLOG_EVENTSTORE_URL: double.connectionString };
        const summary = await importMovieLensInto(path, { environment, people: PEOPLE });
        const { commands } = summary;
        const note = `${commands} commands`;
        return {
          'esdb.appends': { value: appends.struck / commands, note },
          'esdb.reads': { value: reads.struck / commands, note },
        };
      } finally {
        await double.close();
      }
    }),
};
