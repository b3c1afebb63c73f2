import { expect } from 'chai';
import type { WatchedWhen } from '../../../src/domain/viewing/events.js';
import { rankPlays, type RankablePlay } from '../../../src/domain/viewing/plays/plays.js';
import { atInstant, onDate, onRelease, sometime } from '../../support/histories/viewingEvents.js';

const RECORDED = '2026-02-06T20:00:00.000Z';
const play = (id: string, watched: WatchedWhen, recordedAt = RECORDED): RankablePlay => ({
  id,
  watched,
  recordedAt,
});
/** However they come in, they have this order. */
const expectOrder = (...plays: readonly RankablePlay[]): void => {
  const ids = plays.map(({ id }) => id);
  expect(rankPlays(plays).map(({ id }) => id)).to.deep.equal(ids);
  expect(rankPlays(plays.toReversed()).map(({ id }) => id)).to.deep.equal(ids);
};

describe('Plays of a film are numbered', () => {
  it('by when they were, not by when they were recorded', () => {
    expectOrder(
      play('c', atInstant('2020-01-01T20:00:00.000Z'), '2026-03-01T00:00:00.000Z'),
      play('b', atInstant('2021-01-01T20:00:00.000Z'), '2026-02-01T00:00:00.000Z'),
      play('a', atInstant('2022-01-01T20:00:00.000Z'), '2026-01-01T00:00:00.000Z'),
    );
  });

  it('with those at an unknown time first', () => {
    expectOrder(
      play('b', sometime, '2026-03-01T00:00:00.000Z'),
      play('a', onDate('1900-01-01'), '2026-02-01T00:00:00.000Z'),
    );
  });

  it('with a day standing at its noon, in the zone of the play', () => {
    expectOrder(
      play('e', atInstant('2026-02-01T02:59:59.999Z')),
      play('d', onDate('2026-02-01', 'Asia/Tokyo')),
      play('c', atInstant('2026-02-01T11:59:59.999Z')),
      play('b', onDate('2026-02-01')),
      play('a', onRelease('2026-02-01', 'America/New_York')),
    );
  });

  it('by recording where they were at the same time, and then by id', () => {
    const noon = atInstant('2026-02-01T12:00:00.000Z');
    expectOrder(
      play('c', noon, '2026-02-02T00:00:00.000Z'),
      play('a', onDate('2026-02-01'), '2026-02-03T00:00:00.000Z'),
      play('b', noon, '2026-02-03T00:00:00.000Z'),
    );
    expectOrder(
      play('z', sometime, '2026-02-02T00:00:00.000Z'),
      play('a', sometime, '2026-02-03T00:00:00.000Z'),
      play('b', sometime, '2026-02-03T00:00:00.000Z'),
    );
  });
});
