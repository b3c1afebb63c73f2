import { expect } from 'chai';
import { copyRows } from '../../../src/infra/postgres/copy/copyRows.js';
import { DatabaseUnavailable } from '../../../src/infra/postgres/databaseErrors.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { rejection } from '../../support/deciders/rejection.js';

describe('Copying rows', () => {
  let fresh: FreshDatabase;
  before(async () => {
    fresh = await freshDatabase();
    await fresh.database.query({
      text: `create table things (
        id integer primary key, name text, facts json, seen timestamptz, amount bigint, good boolean)`,
    });
  });
  after(() => fresh.drop());

  const columns = ['id', 'name', 'facts', 'seen', 'amount', 'good'];
  const copy = (rows: readonly object[]) =>
    fresh.database.transaction((tx) => copyRows(tx.client, { table: 'things', columns }, rows));

  it('keeps every value, whatever characters are in it', async () => {
    const rows = [
      'plain',
      'tab\tline\nfeed\rreturn\\backslash',
      String.raw`\N`,
      String.raw`\.`,
      '',
      'Ürgüp 千と千尋 🎬 "quoted" \'single\'',
    ].map((name, id) => ({
      id,
      name,
      facts: { name, list: [name, null, 1.5] },
      seen: new Date(1_700_000_000_000 + id),
      amount: 9_007_199_254_740_993n,
      good: id % 2 === 0,
    }));
    await copy(rows);
    expect(
      await fresh.database.query({ text: 'select * from things where id < 100 order by id' }),
    ).to.deep.equal(rows);
  });

  it('writes arrays as SQL arrays where the column is one, and an empty text first', async () => {
    await fresh.database.query({ text: 'create table lists (name text, words text[])' });
    const rows = [
      { name: '', words: [] },
      { name: 'b', words: ['a', '', 'NULL', 'tab\tquote"brace}comma,back\\slash', '千'] },
    ];
    await fresh.database.transaction((tx) =>
      copyRows(tx.client, { table: 'lists', columns: ['name', 'words'], arrays: ['words'] }, rows),
    );
    expect(await fresh.database.query({ text: 'select * from lists order by name' })).to.deep.equal(
      rows,
    );
  });

  it('writes what is missing as null', async () => {
    await copy([{ id: 100, name: null }]);
    expect(
      await fresh.database.query({ text: 'select * from things where id = 100' }),
    ).to.deep.equal([{ id: 100, name: null, facts: null, seen: null, amount: null, good: null }]);
  });

  it('writes all rows or none, and leaves the connection usable', async () => {
    const rows = Array.from({ length: 2_000 }, (_, index) => ({ id: 1_000 + index }));
    const error = await rejection(copy([...rows, { id: 1_000 }]), Error);
    expect(error).to.not.be.instanceOf(DatabaseUnavailable);
    expect(error.message).to.contain('things_pkey');
    expect(
      await fresh.database.query({ text: 'select from things where id >= 1000' }),
    ).to.have.length(0);
    await copy(rows);
    expect(
      await fresh.database.query({ text: 'select from things where id >= 1000' }),
    ).to.have.length(2_000);
  });
});
