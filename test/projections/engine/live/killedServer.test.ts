import { fork } from 'node:child_process';
import { once } from 'node:events';
import { describeOnBothLogs } from '../../../support/run/bothLogs.js';
import { compiledScript } from '../../../support/run/compiledSource.js';
import { freshDatabase } from '../../../support/postgres/database.js';
import { testVariables } from '../../../support/postgres/eventLog.js';
import { eventually } from '../../../support/run/eventually.js';
import { openProjectionProcess } from '../../../support/readModels/projectionProcess.js';
import { appendLibrary, expectAllDelivered, tallies } from '../tallies.js';

describeOnBothLogs('A server that is killed while it projects', () => {
  it('is followed by its hot standby, which loses nothing and applies nothing twice', async () => {
    const fresh = await freshDatabase();
    const server = fork(
      compiledScript('projections/engine/live/serverToKill.js'),
      [fresh.connectionString],
      { execArgv: [], env: testVariables(fresh.connectionString) },
    );
    const standby = await openProjectionProcess(fresh.connectionString, [tallies()]);
    try {
      await once(server, 'message');
      const first = await appendLibrary(standby.eventStore, 0);
      await eventually('the server projects', async () => {
        const [checkpoint] = await standby.store.checkpoints();
        return checkpoint?.position === first;
      });
      standby.engine.start();
      await eventually('the standby waits', async () => {
        const [status] = await standby.engine.status();
        return status?.worker.state === 'standby';
      });
      const died = once(server, 'exit');
      for (let nth = 1; nth <= 40; nth += 1) {
        await appendLibrary(standby.eventStore, nth, 2);
        if (nth === 20) server.kill('SIGKILL');
      }
      await died;
      const head = await standby.eventStore.headPosition();
      await eventually('the standby has taken over', async () => {
        const [status] = await standby.engine.status();
        return status?.worker.state === 'live' && status.position === head;
      });
      await expectAllDelivered(standby);
    } finally {
      server.kill('SIGKILL');
      await standby.close();
      await fresh.drop();
    }
  });
});
