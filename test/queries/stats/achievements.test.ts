import { expect } from 'chai';
import { achievements as all } from '../../../src/domain/achievements/achievements.js';
import type { DomainEvent } from '../../../src/domain/eventTypes.js';
import { achievements as projection } from '../../../src/projections/achievements/achievements.js';
import { achievements } from '../../../src/queries/stats/achievements.js';
import { asker, asking } from '../../support/service/asking.js';
import {
  openReadModel,
  recorded,
  recordedAt,
  type ReadModel,
} from '../../support/readModels/readModel.js';
import {
  atInstant,
  onDate,
  personId,
  sometime,
  viewingOf,
} from '../../support/histories/viewingEvents.js';

const alien = viewingOf('Ada', 'Alien');

describe('Asking for achievements', () => {
  let model: ReadModel;
  before(async () => {
    model = await openReadModel(projection);
  });
  after(() => model.close());

  const ask = asking(achievements, () => model.database);
  const given = (...events: readonly DomainEvent[]) => model.project([recorded(...events)]);
  const one = async (id: string) => {
    const found = (await ask()).achievements.find((achievement) => achievement.id === id);
    if (!found) throw new Error(`there is no ${id}`);
    return found;
  };

  it('lists them all to somebody who has none, locked, with nothing done towards them', async () => {
    await given();
    const answer = await ask();
    expect(answer).to.include({ earned: 0, unseen: 0 });
    expect(answer.achievements.map(({ id }) => id)).to.deep.equal(all.map(({ id }) => id));
    expect(new Set(all.map(({ id }) => id)).size).to.equal(all.length);
    for (const achievement of answer.achievements) {
      expect(achievement.earned).to.equal(null);
      expect(achievement.progress.current).to.equal(0);
      expect(achievement.progress.target).to.be.at.least(1);
      expect(achievement.name).not.to.equal('');
      expect(achievement.description).not.to.equal('');
    }
  });

  it('shows how far somebody is with those that are locked', async () => {
    await given(
      alien.watched(onDate('2026-02-05'), { snapshot: { genres: ['Horror', 'Science Fiction'] } }),
      viewingOf('Ada', 'Big').watched(onDate('2026-02-06'), { snapshot: { genres: ['Horror'] } }),
      alien.watched(onDate('2026-02-06'), { play: 'again' }),
    );
    const progress = async (id: string) => {
      const { progress: made, earned } = await one(id);
      return { ...made, locked: earned === null };
    };
    expect(await progress('films:10')).to.deep.equal({ current: 2, target: 10, locked: true });
    expect(await progress('century_club')).to.deep.equal({ current: 2, target: 100, locked: true });
    expect(await progress('genre_explorer:bronze')).to.deep.include({ current: 2, target: 5 });
    expect(await progress('hours:24')).to.deep.equal({ current: 5, target: 24, locked: true });
    expect(await progress('streak:3')).to.deep.equal({ current: 2, target: 3, locked: true });
    expect(await progress('five_times')).to.deep.equal({ current: 2, target: 5, locked: true });
    // Never more than is asked.
    expect(await progress('opening_credits')).to.deep.equal({
      current: 1,
      target: 1,
      locked: false,
    });
  });

  it('says of an earned one when, by which watch, and when that was', async () => {
    const night = atInstant('2026-02-06T02:00:00.000Z');
    await given(
      viewingOf('Ada', 'Big').watched(sometime),
      alien.watched(night, { play: 'late', source: 'import' }),
      alien.watched(atInstant('2026-02-07T02:00:00.000Z'), { play: 'later' }),
      alien.rated(9),
    );
    expect((await one('night_owl')).earned).to.deep.equal({
      at: recordedAt(1).toISOString(),
      via: { movieId: alien.titleId, watchId: alien.play('late'), watched: night },
      ...{ retroactive: true, seen: false },
    });
    expect((await one('opening_credits')).earned).to.deep.include({
      at: recordedAt(0).toISOString(),
      retroactive: false,
    });
    // A rating is no watch.
    expect((await one('ratings:1')).earned).to.deep.equal({
      at: recordedAt(3).toISOString(),
      via: { movieId: alien.titleId },
      ...{ retroactive: false, seen: false },
    });
  });

  it('keeps what was earned when its watch is removed, though progress goes back', async () => {
    await given(alien.watched(sometime), alien.removed());
    const { earned, progress } = await one('opening_credits');
    expect(earned?.via.watchId).to.equal(alien.play());
    expect(progress).to.deep.equal({ current: 0, target: 1 });
  });

  it('counts those not seen until they are', async () => {
    const events = [alien.watched(sometime), alien.rated(8), alien.reviewed('Again.')];
    const seen = (achievements: string[] | 'all') => ({
      type: 'AchievementsSeen' as const,
      data: { userId: personId('Ada'), achievements },
    });
    await given(...events);
    expect(await ask()).to.include({ earned: 3, unseen: 3 });
    await given(...events, seen(['ratings:1', 'films:1000']));
    expect(await ask()).to.include({ earned: 3, unseen: 2 });
    expect((await one('ratings:1')).earned?.seen).to.equal(true);
    expect((await one('reviews:1')).earned?.seen).to.equal(false);
    await given(
      ...events,
      seen('all'),
      viewingOf('Ada', 'Big').watched(atInstant('2026-02-06T05:00:00.000Z')),
    );
    expect(await ask()).to.include({ earned: 4, unseen: 1 });
    expect((await one('early_bird')).earned?.seen).to.equal(false);
  });

  it('shows nobody what another has earned', async () => {
    await given(alien.watched(sometime));
    const bobs = await ask({}, asker('Bob'));
    expect(bobs).to.include({ earned: 0, unseen: 0 });
    expect(bobs.achievements.every(({ progress }) => progress.current === 0)).to.equal(true);
  });
});
