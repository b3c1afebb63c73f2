import { expect } from 'chai';
import fc from 'fast-check';
import {
  followChangeNotices,
  notifyChanged,
} from '../../../src/infra/readModels/notices/changeNotices.js';
import type { Database } from '../../../src/infra/postgres/database.js';
import { DatabaseUnavailable } from '../../../src/infra/postgres/databaseErrors.js';
import type { ChangeNotice } from '../../../src/queries/ports/changeNotices.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';

type Changed = Exclude<ChangeNotice, { reset: true }>;

describe('The notices of changes', () => {
  let fresh: FreshDatabase;
  let notices: ReturnType<typeof followChangeNotices>;
  let heard: Changed[];
  let last = 0n;

  before(async () => {
    fresh = await freshDatabase();
    let listening = false;
    notices = followChangeNotices(fresh.database, testLogger);
    notices.follow({
      onNotice: (notice) => {
        if (!('reset' in notice)) heard.push(notice);
      },
      onGap: () => {
        listening = true;
      },
    });
    await eventually('it listens', () => listening);
  });

  after(async () => {
    await notices.close();
    await fresh.drop();
  });

  beforeEach(() => {
    heard = [];
  });

  /** Commits a change from the last position to the next; resolves when that position is heard of. */
  const change = async (keys: readonly string[]): Promise<void> => {
    const from = last;
    last += 1n;
    await fresh.database.transaction((tx) => notifyChanged(tx, 'films', { from, to: last }, keys));
    await eventually(`position ${last}`, () => heard.at(-1)?.position === last.toString());
  };

  it('tell the keys and the position, also of a change without keys', async () => {
    await change(['film:1', 'film:2']);
    expect(heard).to.deep.equal([
      { projection: 'films', position: last.toString(), keys: ['film:1', 'film:2'] },
    ]);
    heard = [];
    await change([]);
    expect(heard).to.deep.equal([{ projection: 'films', position: last.toString(), keys: [] }]);
  });

  it('carry any keys, however long and in whatever script, and the position with the last of them', async () => {
    const key = fc.oneof(
      fc.uuid().map((id) => `film:${id}`),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 900 }),
    );
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(key, { maxLength: 60 }), async (keys) => {
        heard = [];
        const from = last;
        await change(keys);
        expect(heard.flatMap((notice) => notice.keys)).to.deep.equal(keys);
        expect(heard.slice(0, -1).every(({ position }) => position === from.toString())).to.equal(
          true,
        );
      }),
      { numRuns: 40 },
    );
  });

  it('name the whole read model when there are too many keys, or one that fits in no notice', async () => {
    await change(Array.from({ length: 5_000 }, (_, nth) => `film:${nth}`));
    expect(heard.map(({ keys }) => keys)).to.deep.equal([['films']]);
    heard = [];
    await change(['film:1', 'x'.repeat(9_000)]);
    expect(heard.map(({ keys }) => keys)).to.deep.equal([['films']]);
  });

  it('begin with how far every read model is, as a change of everything', async () => {
    await fresh.database.query({
      text: `insert into projections.checkpoints (name, version, position, schema)
             values ('films', 1, 77, 'films_2')`,
    });
    const others: ChangeNotice[] = [];
    const later = followChangeNotices(fresh.database, testLogger);
    later.follow({ onNotice: (notice) => others.push(notice), onGap: () => undefined });
    await eventually('it tells', () => others.length > 0);
    expect(others).to.deep.equal([
      { projection: 'films', position: '77', keys: ['films'], schema: 'films_2' },
    ]);
    await later.close();
  });

  it('begin so even when the read models cannot be asked at first', async () => {
    let failing = 2;
    const flaky: Database = {
      ...fresh.database,
      query: (statement) => {
        failing -= 1;
        return failing >= 0
          ? Promise.reject(new DatabaseUnavailable('not yet'))
          : fresh.database.query(statement);
      },
    };
    const told: ChangeNotice[] = [];
    const later = followChangeNotices(flaky, testLogger);
    later.follow({ onNotice: (notice) => told.push(notice), onGap: () => undefined });
    try {
      await eventually('it tells', () => told.length > 0);
      expect(failing).to.equal(-1);
    } finally {
      await later.close();
    }
  });

  it('are not given for a change that was rolled back', async () => {
    await fresh.database
      .transaction(async (tx) => {
        await notifyChanged(tx, 'films', { from: last, to: last + 1n }, ['film:undone']);
        throw new Error('undone');
      })
      .catch(() => undefined);
    await change(['film:done']);
    expect(heard.flatMap(({ keys }) => keys)).to.deep.equal(['film:done']);
  });
});
