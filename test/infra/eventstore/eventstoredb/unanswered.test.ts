import { expect } from 'chai';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { openCommandProcess } from '../../../support/service/commandProcess.js';
import { freshDatabase } from '../../../support/postgres/database.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { idsOf, newStream, numbered } from '../contract/log.js';
import type { EventStoreDbLog } from '../../../../src/infra/eventstore/eventstoredb/eventStoreDbLog.js';
import { openMirroredLog } from '../../../../src/infra/eventstore/mirror/openMirroredLog.js';
import { testLogger } from '../../../support/run/logger.js';
import { doubleLog, openServer, type DoubleLog } from './eventStoreDbLog.js';

const COMMIT_TIMEOUT_MS = 100;

describe('An append that EventStoreDB leaves without an answer', () => {
  let log: DoubleLog;
  let opened: EventStoreDbLog;

  beforeEach(async () => {
    log = await doubleLog({ commitTimeoutMilliseconds: COMMIT_TIMEOUT_MS });
    opened = log.openServer();
  });

  afterEach(async () => {
    await opened.close();
    await log.remove();
  });

  /** Holds replication until so many appends were answered, each with a timeout. @returns how many were */
  const holdFor = (timeouts: number): (() => number) => {
    log.double.replicationHeld = true;
    const nothing = { kind: 'delay', milliseconds: 0 } as const;
    const answers = { at: 'answer', method: 'BatchAppend', effect: nothing } as const;
    const answered = log.double.faults.inject({ ...answers, times: timeouts });
    const last = log.double.faults.inject({ ...answers });
    void last.first.then(() => {
      log.double.replicationHeld = false;
    });
    return () => answered.struck + last.struck;
  };

  it('is sent again with its ids, and gets the result of the first', async () => {
    const answers = holdFor(2);
    const stream = newStream();
    const events = numbered(3);
    const result = await opened.append(stream, events, { expectedRevision: 'no-stream' });
    const { events: there } = await opened.readStream(stream);
    expect(idsOf(there)).to.deep.equal(idsOf(events));
    expect(result).to.deep.equal({ revision: 2n, position: there.at(-1)?.position });
    expect(answers()).to.equal(3);
  });

  it('is one append, however many send it at once', async () => {
    const answers = holdFor(8);
    const stream = newStream();
    const events = numbered(2);
    const results = await Promise.all(
      Array.from({ length: 5 }, () =>
        opened.append(stream, events, { expectedRevision: 'no-stream' }),
      ),
    );
    const { events: there } = await opened.readStream(stream);
    const result = { revision: 1n, position: there.at(-1)?.position };
    expect(results).to.deep.equal(Array.from({ length: 5 }, () => result));
    expect(idsOf(there)).to.deep.equal(idsOf(events));
    expect(answers()).to.equal(9);
  });

  it('is given up at the caller’s limit, and at the connection’s', async () => {
    log.double.replicationHeld = true;
    const append = (signal?: AbortSignal) =>
      opened.append(newStream(), numbered(1), {
        expectedRevision: 'no-stream',
        ...(signal ? { signal } : {}),
      });
    const limited = append(AbortSignal.timeout(3 * COMMIT_TIMEOUT_MS));
    expect((await rejection(limited, EventStoreError)).failure).to.deep.equal({ kind: 'timeout' });
    await opened.close();
    opened = openServer(`${log.double.connectionString}&defaultDeadline=300`);
    expect((await rejection(append(), EventStoreError)).failure).to.deep.equal({ kind: 'timeout' });
  });

  it('is sent again by a command, too, after the connection’s limit', async () => {
    const fresh = await freshDatabase();
    await opened.close();
    opened = openServer(`${log.double.connectionString}&defaultDeadline=500`);
    const mirrored = await openMirroredLog({
      ...{ database: fresh.database, log: opened, logger: testLogger, keptBy: 'this' },
    });
    const here = await openCommandProcess(fresh.connectionString, { log: mirrored });
    try {
      const hung = log.double.faults.inject({
        ...{ at: 'afterWrite', method: 'BatchAppend' },
        effect: { kind: 'wait', until: new Promise(() => undefined) },
      });
      const outcome = await here.run('CreateLibrary', { name: 'Films', kind: 'movies' });
      expect(hung.struck).to.equal(1);
      expect(outcome).to.include({ revision: 0n, created: true });
    } finally {
      await here.close();
      await fresh.drop();
    }
  });
});
