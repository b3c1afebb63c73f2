import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { EventStoreError } from '../../../../src/commands/ports/eventStore.js';
import { withDomainEvents, openingOf } from '../../../../src/infra/eventstore/domainEventStore.js';
import { opening } from '../../../../src/infra/eventstore/pastEvents.js';
import { createPersonalKeys } from '../../../../src/infra/eventstore/privacy/personalKeys.js';
import { postgresPastEvents } from '../../../../src/infra/eventstore/postgres/reads/pastEvents.js';
import { createPostgresEventStore } from '../../../../src/infra/eventstore/postgres/postgresEventStore.js';
import { createPastReadModels } from '../../../../src/infra/readModels/scratch/pastReadModels.js';
import { createReadModelStore } from '../../../../src/infra/readModels/live/readModelStore.js';
import { createServedReadModels } from '../../../../src/infra/readModels/live/servedReadModels.js';
import { projections } from '../../../../src/projections/projections.js';
import { createAsOfQueries, type AsOfQueries } from '../../../../src/queries/serving/asOf.js';
import { history } from '../../../../src/queries/viewing/history.js';
import { PastUnavailable } from '../../../../src/queries/ports/pastReadModels.js';
import { stats } from '../../../../src/queries/stats/stats.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { memberOf } from '../../../support/service/httpClient.js';
import { testLogger } from '../../../support/run/logger.js';
import { recordable, streamOf } from '../../../support/readModels/projectionSpecification.js';
import { eventually } from '../../../support/run/eventually.js';
import { openProjectionProcess } from '../../../support/readModels/projectionProcess.js';
import { rejection } from '../../../support/deciders/rejection.js';
import { atInstant, personId, viewingOf } from '../../../support/histories/viewingEvents.js';

describe('Read models of the past', () => {
  let fresh: FreshDatabase;
  let log: ReturnType<typeof createPostgresEventStore>;
  let keys: ReturnType<typeof createPersonalKeys>;
  let asOf: AsOfQueries;
  let position: bigint;

  const asker = { userId: personId('Ada'), zone: 'UTC', now: new Date() };
  const askHistory = async () => {
    const moment = { kind: 'position', position } as const;
    const answer = await queriesWithin(10_000).ask(
      ...([history, { sort: 'watched', limit: 10 }, moment, asker] as const),
    );
    return JSON.parse(answer?.body ?? 'null') as unknown;
  };
  /** With a cache of its own: nothing is known yet. */
  const queriesWithin = (limitMs: number): AsOfQueries => {
    const { database } = fresh;
    const eventStore = withDomainEvents(log, { personalKeys: keys });
    const pastEvents = opening(postgresPastEvents(database, log.tables), openingOf(keys));
    const readModels = createServedReadModels(database);
    const past = createPastReadModels({
      ...{ database, readModels, eventStore, pastEvents, projections },
    });
    return createAsOfQueries({ past, limitMs });
  };

  before(async () => {
    fresh = await freshDatabase();
    const store = createReadModelStore(fresh.database);
    for (const projection of projections) await store.prepare(projection);
    await store.close();
    log = createPostgresEventStore({ database: fresh.database, logger: testLogger });
    keys = createPersonalKeys(fresh.database);
    asOf = queriesWithin(10_000);
    const watched = viewingOf('Ada', 'Alien').watched(atInstant('2026-02-06T20:00:00.000Z'), {
      note: 'With Bob',
    });
    const eventStore = withDomainEvents(log, { personalKeys: keys });
    const expectedRevision = 'no-stream';
    await eventStore.append(streamOf(watched), [recordable(watched)], { expectedRevision });
    position = await log.headPosition();
  });
  after(async () => {
    await log.close();
    await fresh.drop();
  });

  const schemasLeft = () =>
    fresh.database.query({ text: `select nspname from pg_namespace where nspname like 'past%'` });

  it('leave nothing behind when reading fails, and the connection as it was', async () => {
    const moment = { kind: 'position', position } as const;
    const broken = {
      ...stats,
      read: () => Promise.reject(new Error('as the test wants it')),
    };
    const failure = await rejection(
      asOf.ask(broken, { period: 'all', limit: 5 }, moment, asker),
      Error,
    );
    expect(failure.message).to.equal('as the test wants it');
    expect(await schemasLeft()).to.deep.equal([]);
    expect(memberOf(await askHistory(), 'watches', 0, 'title')).to.equal('Alien');
  });

  it('are given up when the time is over, or whoever asked has gone', async () => {
    const moment = { kind: 'position', position } as const;
    const parameters = { period: 'all', limit: 5 } as const;
    const slow = {
      ...stats,
      read: async (...given: Parameters<typeof stats.read>) => {
        await sleep(50);
        return stats.read(...given);
      },
    };
    // The time for one statement is not over, that for the whole answer is.
    const late = {
      ...slow,
      sources: (...given: Parameters<NonNullable<typeof stats.sources>>) =>
        Array.from({ length: 5 }, () => ({
          ...(stats.sources?.(...given) ?? [])[0],
          readModel: 'stats',
          streams: () => ({ names: ['nobody'] }),
        })),
    };
    await rejection(queriesWithin(60).ask(late, parameters, moment, asker), PastUnavailable);
    const gone = new AbortController();
    const asking = queriesWithin(10_000).ask(late, parameters, moment, asker, {
      signal: gone.signal,
    });
    gone.abort(new Error('gone'));
    await rejection(asking, Error);
    expect(await schemasLeft()).to.deep.equal([]);
  });

  it('share the answer to one question that several ask at once', async () => {
    const queries = queriesWithin(10_000);
    let read = 0;
    const counted = {
      ...stats,
      read: (...given: Parameters<typeof stats.read>) => {
        read += 1;
        return stats.read(...given);
      },
    };
    const moment = { kind: 'position', position } as const;
    const parameters = { period: 'all', limit: 5 } as const;
    const answers = await Promise.all(
      Array.from({ length: 30 }, () => queries.ask(counted, parameters, moment, asker)),
    );
    expect(new Set(answers.map((answer) => answer?.body)).size).to.equal(1);
    expect(read).to.equal(1);
  });

  it('are without the events that are parked, as what is served is', async () => {
    const service = await openProjectionProcess(fresh.connectionString, projections, {
      onPoison: () => 'park',
    });
    const before = position;
    try {
      const metadata = { correlationId: randomUUID(), causationId: randomUUID(), schemaVersion: 0 };
      const poison = { id: randomUUID(), type: 'MovieWatched', data: {}, metadata };
      const stream = streamOf(viewingOf('Ada', 'Alien').watched(atInstant('2026-02-06T20:00:00Z')));
      ({ position } = await log.append(stream, [poison], { expectedRevision: 'any' }));
      await rejection(askHistory(), EventStoreError);
      service.engine.start();
      await eventually('it is parked', async () => {
        const parked = await service.parked.list();
        return parked.some(({ projection }) => projection === 'history');
      });
      expect(memberOf(await askHistory(), 'watches')).to.have.length(1);
    } finally {
      position = before;
      await service.close();
    }
  });

  // The last: what is erased is not to be had again.
  it('say nothing of text that was erased since', async () => {
    expect(memberOf(await askHistory(), 'watches', 0, 'note')).to.equal('With Bob');
    await keys.destroy(personId('Ada'));
    expect(memberOf(await askHistory(), 'watches', 0)).not.to.have.property('note');
  });
});
