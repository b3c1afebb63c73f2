import { expect } from 'chai';
import { startCli } from '../../../../support/service/cliProcess.js';
import { freshDatabase } from '../../../../support/postgres/database.js';
import { eventually } from '../../../../support/run/eventually.js';
import { openProjectionProcess } from '../../../../support/readModels/projectionProcess.js';
import { projections } from '../../../../../src/projections/projections.js';

describe('reellog projections --watch', () => {
  it('writes a line for each change where there is no terminal, until it is told to stop', async () => {
    const fresh = await freshDatabase();
    const watching = startCli(['projections', '--watch'], { DATABASE_URL: fresh.connectionString });
    const said = (pattern: RegExp): number =>
      watching
        .said()
        .split('\n')
        .filter((line) => pattern.test(line)).length;
    try {
      await eventually(
        'it tells of every read model',
        () => said(/ stopped, /) === projections.length,
      );
      const service = await openProjectionProcess(fresh.connectionString, projections);
      try {
        service.engine.start();
        await eventually('it tells that they are live', () =>
          projections.every(({ name }) => said(new RegExp(`Z ${name} live, .* lag 0 `)) > 0),
        );
      } finally {
        await service.close();
      }
      const { code, stderr } = await watching.end('SIGINT');
      expect({ code, stderr }).to.deep.equal({ code: 0, stderr: '' });
    } finally {
      await watching.end('SIGKILL');
      await fresh.drop();
    }
  });
});
