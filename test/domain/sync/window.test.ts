import { expect } from 'chai';
import { completedAfter, slicesOf, windowOf } from '../../../src/domain/sync/window.js';

describe('The days that a sync asks for', () => {
  const today = '2026-11-20';
  const first = { completedUntil: undefined, today };
  const later = { completedUntil: '2026-11-02', today };

  it('are those since the end of the last one, that day included, else since yesterday', () => {
    expect(windowOf({}, later)).to.deep.equal({ start: '2026-11-02', end: today });
    expect(windowOf({}, first)).to.deep.equal({ start: '2026-11-19', end: today });
  });

  it('can be given, both or one side of them', () => {
    const given = { start: '2026-10-01', end: '2026-10-31' };
    expect(windowOf(given, later)).to.deep.equal(given);
    expect(windowOf({ start: given.start }, later)).to.deep.equal({
      start: given.start,
      end: today,
    });
    expect(windowOf({ end: '2026-11-10' }, later)).to.deep.equal({
      start: '2026-11-02',
      end: '2026-11-10',
    });
    expect(windowOf({ start: today, end: today }, later)).to.deep.equal({
      start: today,
      end: today,
    });
  });

  it('end no later than today, and no earlier than they begin', () => {
    expect(windowOf({ end: '2026-11-21' }, later)).to.equal(
      'The end, 2026-11-21, is after today, 2026-11-20 (UTC).',
    );
    expect(windowOf({ start: '2026-10-02', end: '2026-10-01' }, later)).to.equal(
      'The end, 2026-10-01, is before 2026-10-02, the start.',
    );
    expect(windowOf({ end: '2026-11-01' }, later)).to.equal(
      'The end, 2026-11-01, is before 2026-11-02, where the last sync ended.',
    );
    expect(windowOf({ start: '2026-11-21' }, later)).to.be.a('string');
  });

  it('are asked for in parts of a fortnight that touch', () => {
    expect(slicesOf({ start: '2026-02-01', end: '2026-02-01' })).to.have.length(1);
    expect(slicesOf({ start: '2026-02-01', end: '2026-02-15' })).to.have.length(1);
    expect(slicesOf({ start: '2026-02-01', end: '2026-03-05' })).to.deep.equal([
      { start: '2026-02-01', end: '2026-02-15' },
      { start: '2026-02-15', end: '2026-03-01' },
      { start: '2026-03-01', end: '2026-03-05' },
    ]);
  });

  it('count as completed where they leave out none before them', () => {
    const days = { start: '2026-11-05', end: '2026-11-10' };
    expect(completedAfter(undefined, days)).to.equal('2026-11-10');
    expect(completedAfter('2026-11-05', days)).to.equal('2026-11-10');
    expect(completedAfter('2026-11-04', days)).to.equal('2026-11-04');
    expect(completedAfter('2026-11-12', days)).to.equal('2026-11-12');
  });
});
