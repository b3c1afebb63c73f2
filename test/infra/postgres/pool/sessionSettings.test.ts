import { expect } from 'chai';
import { openDatabase, type Database } from '../../../../src/infra/postgres/database.js';
import { foreignDatabase, type ForeignDatabase } from '../../../support/postgres/foreignServer.js';
import { testLogger } from '../../../support/run/logger.js';

/** What one of everything looks like as text, where sessions have what Reellog expects. */
const LOOKS = `select timestamptz '2026-02-03 04:05:06+00' || '' as moment,
  interval '1 day 2 hours' || '' as span, 0.1::float8 + 0.2::float8 as sum, '\\x00ff'::bytea::text as bytes,
  '\\n' as text, '{NULL}'::text[] as list, null = null as nothing, current_schema() as schema,
  current_setting('transaction_isolation') as isolation, current_setting('transaction_read_only') as read_only,
  current_setting('client_encoding') as encoding, current_setting('lock_timeout') as lock_ms,
  current_setting('idle_session_timeout') as idle_ms,
  coalesce(current_setting('transaction_timeout', true), '0') as transaction_ms`;

const usual = {
  ...{ moment: '2026-02-03 04:05:06+00', span: '1 day 02:00:00', sum: 0.1 + 0.2, bytes: '\\x00ff' },
  ...{ text: '\\n', list: [null], nothing: null, schema: 'public' },
  ...{ isolation: 'read committed', read_only: 'off', encoding: 'UTF8' },
  ...{ lock_ms: '0', idle_ms: '0', transaction_ms: '0' },
};

for (const settingsOf of ['database', 'role'] as const) {
  describe(`Sessions on a database whose ${settingsOf} has settings of its own`, () => {
    let foreign: ForeignDatabase;
    before(async () => {
      foreign = await foreignDatabase(settingsOf);
    });
    after(() => foreign.drop());

    const withDatabase = async (work: (database: Database) => Promise<void>) => {
      const { connectionString } = foreign;
      const database = openDatabase({ connectionString, maxConnections: 2, logger: testLogger });
      try {
        await work(database);
      } finally {
        await database.close();
      }
    };

    it('have those that Reellog expects, in the pool', async () => {
      await withDatabase(async (database) => {
        const limits = `current_setting('statement_timeout') as statement_ms,
          current_setting('idle_in_transaction_session_timeout') as idle_in_ms`;
        const [row] = await database.query({ text: `${LOOKS}, ${limits}` });
        expect(row).to.deep.equal({ ...usual, statement_ms: '1min', idle_in_ms: '1min' });
      });
    });

    it('have them outside the pool, with no limit to a statement', async () => {
      await withDatabase(async (database) => {
        const session = await database.session();
        const { rows } = await session.query(
          `${LOOKS}, current_setting('statement_timeout') as statement_ms`,
        );
        await session.end();
        expect(rows).to.deep.equal([{ ...usual, statement_ms: '0' }]);
      });
    });

    it('go on listening however long nothing comes', async () => {
      await withDatabase(async (database) => {
        let listened = 0;
        const heard = new Promise<string>((resolve) => {
          const listening = database.listen(['news'], {
            onNotification: (_, payload) => {
              void listening.close().then(() => {
                resolve(payload);
              });
            },
            onListening: () => {
              listened += 1;
              // Longer than the role allows a session to be idle.
              setTimeout(() => {
                void database.query({ text: "select pg_notify('news', 'late')" });
              }, 900);
            },
          });
        });
        expect(await heard).to.equal('late');
        expect(listened).to.equal(1);
      });
    });
  });
}
