import { expect } from 'chai';
import pg from 'pg';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import {
  DatabaseUnavailable,
  TransactionRolledBack,
  sqlState,
} from '../../../src/infra/postgres/databaseErrors.js';
import { createServedReadModels } from '../../../src/infra/readModels/live/servedReadModels.js';
import { ReadModelsUnavailable } from '../../../src/queries/ports/readModels.js';
import { freshDatabase, freshServer, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';
import { rejection } from '../../support/deciders/rejection.js';

const logger = testLogger;

describe('The database', () => {
  let fresh: FreshDatabase;
  let database: Database;

  before(async () => {
    fresh = await freshDatabase({ contents: 'nothing' });
    database = fresh.database;
    await database.query({ text: 'create table notes (id int primary key, note text)' });
  });
  after(() => fresh.drop());
  beforeEach(async () => {
    await database.query({ text: 'truncate notes' });
  });

  const notes = async (): Promise<unknown[]> =>
    (await database.query({ text: 'select note from notes order by id' })).map((row) => row.note);

  describe('reading values', () => {
    it('reads each type as the type that loses nothing', async () => {
      const [row] = await database.query({
        text: `select 9007199254740993::int8 as whole, 7::int4 as small, 12.5::numeric as exact,
                 date '2024-02-29' as day, timestamptz '2024-02-29 12:00:00.123+02' as moment,
                 '{"a": [1, null]}'::jsonb as doc, null::int8 as nothing, true as truth`,
      });
      expect(row).to.deep.equal({
        whole: 9007199254740993n,
        small: 7,
        exact: 12.5,
        day: '2024-02-29',
        moment: new Date('2024-02-29T10:00:00.123Z'),
        doc: { a: [1, null] },
        nothing: null,
        truth: true,
      });
    });

    it('does not change how anyone else in the process reads values', async () => {
      const client = new pg.Client({ connectionString: fresh.connectionString });
      await client.connect();
      const { rows } = await client.query('select 1::int8 as whole');
      await client.end();
      expect(rows).to.deep.equal([{ whole: '1' }]);
    });

    it('reads rows as arrays where asked', async () => {
      const rows = await database.query({ text: 'select 1 as a, 2 as b', rowMode: 'array' });
      expect(rows).to.deep.equal([[1, 2]]);
    });

    it('sends values apart from the text, so that none is ever part of it', async () => {
      const nasty = `'; drop table notes; --`;
      await database.query({ text: 'insert into notes values (1, $1)', values: [nasty] });
      expect(await notes()).to.deep.equal([nasty]);
    });
  });

  describe('transactions', () => {
    it('commit when their work is done', async () => {
      const answer = await database.transaction(async (tx) => {
        await tx.query({ text: `insert into notes values (1, 'kept')` });
        return 'done';
      });
      expect(answer).to.equal('done');
      expect(await notes()).to.deep.equal(['kept']);
    });

    it('leave nothing when their work fails, and pass on the error', async () => {
      const failure = new Error('changed my mind');
      const work = database.transaction(async (tx) => {
        await tx.query({ text: `insert into notes values (1, 'lost')` });
        throw failure;
      });
      expect(await rejection(work, Error)).to.equal(failure);
      expect(await notes()).to.deep.equal([]);
    });

    it('do not pretend to have committed when a statement failed and nobody cared', async () => {
      const work = database.transaction(async (tx) => {
        await tx.query({ text: `insert into notes values (1, 'lost')` });
        await tx.query({ text: 'select 1 / 0' }).catch(() => undefined);
      });
      await rejection(work, TransactionRolledBack);
      expect(await notes()).to.deep.equal([]);
    });

    it('fail as unavailable when their connection is killed, and keep it from the next', async () => {
      const work = database.transaction(async (tx) => {
        const [row] = await tx.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
        await database.query({ text: 'select pg_terminate_backend($1)', values: [row?.pid] });
        await tx.query({ text: 'select 1' });
      });
      await rejection(work, DatabaseUnavailable);
      await database.ping();
    });

    it('that were left open are not handed to the next user of the connection', async () => {
      const single = openDatabase({
        connectionString: fresh.connectionString,
        maxConnections: 1,
        logger,
      });
      await single.withConnection(async (connection) => {
        await connection.query({ text: 'begin' });
        await connection.query({ text: `insert into notes values (1, 'never committed')` });
      });
      await single.query({ text: `insert into notes values (2, 'committed')` });
      await single.close();
      expect(await notes()).to.deep.equal(['committed']);
    });
  });

  describe('limits', () => {
    it('ends a statement that takes too long, which is an error of the statement', async () => {
      const hasty = openDatabase({
        connectionString: fresh.connectionString,
        maxConnections: 1,
        logger,
        statementMs: 50,
        // A busy machine takes longer to connect, and to hear that the server has ended it.
        ...{ answerGraceMs: 30_000, connectMs: 30_000 },
      });
      const error = await rejection(hasty.query({ text: 'select pg_sleep(60)' }), Error);
      expect(sqlState(error)).to.equal('57014');
      expect(error).to.not.be.instanceOf(DatabaseUnavailable);
      await hasty.ping();
      await hasty.close();
    });

    it('takes a server that does not even end the statement for one that is away', async () => {
      const hasty = openDatabase({
        connectionString: fresh.connectionString,
        maxConnections: 1,
        logger,
        ...{ statementMs: 1_000, answerGraceMs: 500, connectMs: 30_000 },
      });
      const [row] = await hasty.query<{ pid: number }>({ text: 'select pg_backend_pid() as pid' });
      if (!row) throw new Error('there is no backend');
      const backend = row.pid;
      // Frozen, as behind a network that swallows everything.
      process.kill(backend, 'SIGSTOP');
      try {
        await rejection(hasty.query({ text: 'select 1' }), DatabaseUnavailable);
        expect(await hasty.query({ text: 'select 2 as two' })).to.deep.equal([{ two: 2 }]);
      } finally {
        process.kill(backend, 'SIGCONT');
      }
      await hasty.close();
    });

    it('stops waiting when told to', async () => {
      const stop = new AbortController();
      const work = database.query({ text: 'select pg_sleep(1)', signal: stop.signal });
      stop.abort(new Error('the client has gone'));
      expect((await rejection(work, Error)).message).to.equal('the client has gone');
    });

    it('does not begin what was called off before', async () => {
      const signal = AbortSignal.abort(new Error('called off'));
      const work = database.query({ text: `insert into notes values (1, 'no')`, signal });
      expect((await rejection(work, Error)).message).to.equal('called off');
      expect(await notes()).to.deep.equal([]);
    });

    it('says unavailable when every connection is taken for too long', async () => {
      const single = openDatabase({
        connectionString: fresh.connectionString,
        maxConnections: 1,
        logger,
        connectMs: 1_000,
      });
      await single.withConnection(async () => {
        await rejection(single.ping(), DatabaseUnavailable);
      });
      await single.ping();
      await single.close();
    });
  });

  describe('away', () => {
    it('says so with the cause, to queries as to the read models, and comes back by itself', async () => {
      const own = await freshServer();
      const away = openDatabase({
        connectionString: own.server.connectionString,
        maxConnections: 3,
        logger,
      });
      try {
        await Promise.all([away.ping(), away.ping(), away.ping()]);
        const pid = own.server.pid() ?? 0;
        // Stopped while its supervisor looks on: nobody answers until it has ended and runs again.
        process.kill(pid, 'SIGKILL');
        const errors: unknown[] = [];
        await eventually('it is noticed', async () => {
          await away.ping().catch((error: unknown) => errors.push(error));
          return errors.length > 0;
        });
        expect(errors[0]).to.be.instanceOf(DatabaseUnavailable);
        expect(errors[0]).to.have.property('cause').that.is.instanceOf(Error);
        await eventually('it is back', () =>
          away.ping().then(
            () => true,
            () => false,
          ),
        );
      } finally {
        await own.remove();
      }
      await rejection(away.ping(), DatabaseUnavailable);
      await rejection(
        away.transaction(() => Promise.resolve()),
        DatabaseUnavailable,
      );
      await rejection(away.session(), DatabaseUnavailable);
      const readModels = createServedReadModels(away).now();
      await rejection(readModels.query({ text: 'select 1' }), ReadModelsUnavailable);
      await away.close();
    });

    it('is closed once, however often it is asked, and says unavailable from then on', async () => {
      const closed = openDatabase({
        connectionString: fresh.connectionString,
        maxConnections: 1,
        logger,
      });
      await closed.ping();
      await Promise.all([closed.close(), closed.close()]);
      await rejection(closed.ping(), DatabaseUnavailable);
    });

    it('says that read models are unavailable which are not made yet', async () => {
      const readModels = createServedReadModels(database).now();
      const asked = readModels.query({ text: 'select * from not_yet.made' });
      await rejection(asked, ReadModelsUnavailable);
    });

    it('leaves errors of a statement to whoever wrote it, also for the read models', async () => {
      const readModels = createServedReadModels(database).now();
      const error = await rejection(readModels.query({ text: 'select nonsense' }), Error);
      expect(error).to.not.be.instanceOf(ReadModelsUnavailable);
      expect(sqlState(error)).to.equal('42703');
    });
  });
});
