import { expect } from 'chai';
import { rowsAsTheyCome } from '../../../src/infra/postgres/rowsAsTheyCome.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { rejection } from '../../support/deciders/rejection.js';

describe('Rows as they come', () => {
  let fresh: FreshDatabase;
  before(async () => {
    fresh = await freshDatabase();
  });
  after(() => fresh.drop());

  const failingAt = (nth: number) =>
    rowsAsTheyCome<readonly [bigint]>(
      fresh.database,
      {
        text: 'select $1 / (n - $2) * n from generate_series(0, $3::bigint) n',
        values: [1, nth, 2 * nth],
      },
      10,
    );
  const count = () =>
    rowsAsTheyCome<readonly [bigint]>(
      fresh.database,
      { text: 'select n from generate_series(1, $1::bigint) n', values: [25] },
      10,
    );

  it('are all of them in their order, some at a time, and read as the database reads values', async () => {
    const parts: (readonly (readonly [bigint])[])[] = [];
    for await (const part of count()) parts.push(part);
    expect(parts.map(({ length }) => length)).to.deep.equal([10, 10, 5]);
    expect(parts.flat(2)).to.deep.equal(Array.from({ length: 25 }, (_, n) => BigInt(n + 1)));
  });

  it('end with the error of a statement that fails on the way', async () => {
    const taken: unknown[] = [];
    const failure = await rejection(
      (async () => {
        for await (const part of failingAt(50)) taken.push(...part);
      })(),
      Error,
    );
    expect(failure.message).to.include('division by zero');
    expect(taken.length).to.be.lessThan(51);
  });

  it('give the connection back when somebody leaves before the last', async () => {
    for await (const part of count()) if (part.length > 0) break;
    for (let nth = 0; nth < 200 && fresh.database.poolUse().used > 0; nth += 1) {
      await fresh.database.ping();
    }
    expect(fresh.database.poolUse().used).to.equal(0);
  });
});
