import { Writable } from 'node:stream';
import { expect } from 'chai';
import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { withLoggedAppends } from '../../../src/infra/eventstore/loggedAppends.js';
import { freshDatabase } from '../../support/postgres/database.js';
import { openEventLog } from '../../support/postgres/eventLog.js';

describe('Appends in the log file', () => {
  it('are told with the ids of their events where debug is asked for, and else not at all', async () => {
    const lines: unknown[] = [];
    const output = new Writable({
      write: (line: Buffer, _, done) => {
        lines.push(JSON.parse(line.toString()));
        done();
      },
    });
    const fresh = await freshDatabase();
    const log = await openEventLog(fresh.database, fresh.connectionString);
    try {
      expect(withLoggedAppends(log, pino({ level: 'info' }, output))).to.equal(log);
      const told = withLoggedAppends(log, pino({ level: 'debug' }, output));
      const correlationId = uuidv7();
      const metadata = { correlationId, causationId: uuidv7(), schemaVersion: 1 };
      const events = ['ListMade', 'ListShared'].map((type) => ({
        ...{ id: uuidv7(), type, data: {}, metadata },
      }));
      const { position } = await told.append('list-1', events, { expectedRevision: 'no-stream' });
      expect(lines).to.have.length(1);
      expect(lines[0]).to.deep.include({
        ...{ msg: 'appended', stream: 'list-1', revision: '1', position: position.toString() },
        ...{ correlationId, eventTypes: ['ListMade', 'ListShared'] },
        eventIds: events.map(({ id }) => id),
      });
      // The rest is the store's.
      expect((await told.readStream('list-1')).events).to.have.length(2);
      expect(await told.headPosition()).to.equal(position);
      expect(await told.identify()).to.equal(await log.identify());
    } finally {
      await log.close();
      await fresh.drop();
    }
  });
});
