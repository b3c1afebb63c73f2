import { expect } from 'chai';
import {
  startEventStoreDouble,
  type EventStoreDouble,
} from '../../../support/eventstoredb/double.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';

describe('While the EventStoreDB of a log is away', () => {
  let double: EventStoreDouble;
  let reellog: RunningReellog;

  before(async () => {
    double = await startEventStoreDouble();
    reellog = await startReellog({ eventStoreUrl: double.connectionString });
  });
  after(async () => {
    await reellog.close();
    await double.close();
  });

  it('whoever signs in anew is answered from what is known, and commands are refused', async () => {
    const film = { method: 'POST', path: '/movies', body: { title: 'Ikiru' } } as const;
    expect((await reellog.api(film)).status).to.equal(201);
    const { token } = await reellog.register('Noor');
    double.nodes[0]?.kill();
    expect((await reellog.api({ path: '/movies', token })).status).to.equal(200);
    const refused = await reellog.api(film);
    expect(refused.status).to.equal(503);
    expect((refused.json as { readonly detail: string }).detail).to.include(
      'The event store is away',
    );
    await double.nodes[0]?.revive();
  });
});
