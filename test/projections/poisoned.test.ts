import { expect } from 'chai';
import { v7 as uuidv7 } from 'uuid';
import { projections } from '../../src/projections/projections.js';
import { describeOnBothLogs } from '../support/run/bothLogs.js';
import { freshDatabase } from '../support/postgres/database.js';
import { eventually } from '../support/run/eventually.js';
import { openProjectionProcess } from '../support/readModels/projectionProcess.js';
import { appendLibrary, libraryId } from './engine/tallies.js';

const metadata = { correlationId: uuidv7(), causationId: uuidv7(), schemaVersion: 0 };

describeOnBothLogs('Every read model', () => {
  it('goes on past events in the log that nobody can read, each without those alone', async () => {
    const fresh = await freshDatabase();
    const service = await openProjectionProcess(fresh.connectionString, projections, {
      onPoison: () => 'park',
    });
    try {
      // For each read model one that it wants, as a Reellog from before the first version would have stored it.
      const types = [...new Set(projections.flatMap(({ handles }) => handles.slice(0, 1)))];
      const poison = types.map((type) => ({ id: uuidv7(), type, data: {}, metadata }));
      await service.log.append('poison-1', poison, { expectedRevision: 'any' });
      const head = await appendLibrary(service.eventStore, 1);
      service.engine.start();
      await eventually('all have come to the end', async () => {
        const statuses = await service.engine.status();
        return statuses.every(({ position, worker }) => {
          return position >= head && worker.state === 'live';
        });
      });
      const parked = await service.parked.list();
      for (const { name, handles } of projections) {
        const own = parked.filter(({ projection }) => projection === name);
        expect(
          own.map(({ event }) => event.id),
          name,
        ).to.deep.equal(
          poison.filter(({ type }) => handles.some((one) => one === type)).map(({ id }) => id),
        );
      }
      const rows = await service.database.query({
        text: 'select library_id from libraries.libraries',
      });
      expect(rows).to.deep.equal([{ library_id: libraryId(1) }]);
    } finally {
      await service.close();
      await fresh.drop();
    }
  });
});
