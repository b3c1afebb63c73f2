import { expect } from 'chai';
import { addressOf } from '../../bench/eventstoredb/eventStoreDb.js';
import { jsonOf, markdownOf, textOf } from '../../bench/report.js';
import { resultOf } from '../../bench/row.js';

describe('A result of the benchmarks', () => {
  const good = resultOf('append.one.c1', {
    value: 2_500.4321,
    against: { limit: { value: 3_100, ratio: 0.81 } },
  });
  const short = resultOf('rebuild.all', {
    value: 41_000,
    against: { emmett: { value: 1_500, ratio: 27.333 } },
    note: 'from 212,023 events',
  });

  it('is one line of JSON with its value, its unit and its ratios', () => {
    expect(jsonOf(good)).to.not.include('\n');
    expect(JSON.parse(jsonOf(good))).to.deep.equal({
      ...{ name: 'append.one.c1', value: 2_500, unit: 'appends/s' },
      ratios: { limit: 0.81 },
      good: true,
    });
  });

  it('that falls short says of what, and what holds it back', () => {
    expect(JSON.parse(jsonOf(short))).to.deep.include({
      ratios: { emmett: 27.33 },
      good: false,
      short: ['27.3 × emmett, not 40'],
      heldBackBy: short.boundBy,
    });
    expect(textOf(short)).to.include('SHORT: 27.3 × emmett, not 40').and.to.include(short.boundBy);
    expect(textOf(good)).to.not.include('SHORT');
  });

  it('falls short where a value is too low, too high, or no number', () => {
    const shortIn = (value: number) => resultOf('rebuild.rss', { value }).short;
    expect(shortIn(300)).to.deep.equal([]);
    expect(shortIn(300.6)).to.deep.equal(['301, more than 300']);
    expect(shortIn(Number.NaN)).to.have.length(1);
    expect(resultOf('rebuild.history', { value: 99_999 }).short).to.deep.equal([
      '99,999, not 100,000',
    ]);
  });

  it('falls short where it was not held against what it is to be held against', () => {
    expect(resultOf('append.one.c1', { value: 9_999 }).short).to.have.length(1);
  });

  it('falls short where what must hold beside the value does not', () => {
    const also = { what: 'MB more in the second half', value: 80, most: 64 };
    const { short: missing } = resultOf('rebuild.rss', { value: 300, also });
    expect(missing).to.deep.equal(['80 MB more in the second half, more than 64']);
  });

  it('says which server it was measured on, and nobody’s password', () => {
    const on = addressOf('esdb://me:p%40ss@one:2113,two:2113/?tls=true&tlsCAFile=/secret/ca.crt');
    expect(on).to.equal('esdb://one:2113,two:2113');
    expect(addressOf('esdb+discover://cluster.example')).to.equal(
      'esdb+discover://cluster.example',
    );
    const result = resultOf('esdb.append', { value: 600, on });
    expect(JSON.parse(jsonOf(result))).to.deep.include({ on });
    expect(textOf(result)).to.include(`on ${on}`);
    expect(markdownOf(result)).to.include(`600 appends/s, on ${on} |`);
  });

  it('is a row of the table in docs/performance.md', () => {
    expect(markdownOf(good)).to.equal(
      '| `append.one.c1` | 1 event to a new stream, 1 at a time | limit ≥ 0.75 | 2,500 appends/s, limit 0.81 | yes |',
    );
    expect(markdownOf(short)).to.match(/ short \|$/);
  });
});
