import { expect } from 'chai';
import { profile } from '../../../src/queries/accounts/profile.js';
import { streaks } from '../../../src/queries/stats/streaks.js';
import { answersOf } from '../../support/service/answers.js';
import { startReellog, type Person, type RunningReellog } from '../../support/service/reellog.js';

describe('The profile', () => {
  let service: RunningReellog;
  let ada: Person;

  before(async () => {
    service = await startReellog();
    ada = await service.register('Ada');
  });
  after(() => service.close());

  const change = async (body: object) => {
    const { status, text } = await service.api({
      ...{ method: 'PATCH', path: '/me', token: ada.token, body },
    });
    expect(status, text).to.equal(200);
    await service.caughtUp();
  };
  const ask = () => answersOf(service).ask(profile, '/me', ada.token);

  it('is what a person said of themselves last', async () => {
    await service.caughtUp();
    const registered = await ask();
    expect(registered).to.deep.include({
      ...{ id: ada.userId, displayName: 'Ada', role: 'member', timezone: 'UTC' },
      ...{ preferences: {}, revision: 0 },
    });
    await change({ displayName: 'Ada L.', preferences: { ratingScale: '5' } });
    await change({ timezone: 'Europe/London' });
    expect(await ask()).to.deep.equal({
      ...{ ...registered, displayName: 'Ada L.', timezone: 'Europe/London' },
      ...{ preferences: { ratingScale: '5' }, revision: 2 },
    });
  });

  it('is each person’s own', async () => {
    await service.caughtUp();
    const { ask: askAs } = answersOf(service);
    expect(await askAs(profile, '/me', service.member.token)).to.include({
      ...{ id: service.member.userId, displayName: 'Member', role: 'member' },
    });
    expect(await askAs(profile, '/me')).to.include({ id: service.owner.userId, role: 'owner' });
  });

  it('says with its time zone which day it is, and moves no play by that', async () => {
    const { id: movieId } = await service.reellog.execute({
      name: 'ImportMovie',
      data: { title: 'Alien' },
      actor: { userId: service.owner.userId, role: 'owner' },
    });
    const watched = { at: '2026-02-06T23:30:00.000Z' };
    await service.api({
      ...{ method: 'POST', path: `/movies/${movieId}/watches`, token: ada.token },
      body: { watched, timezone: 'Asia/Tokyo' },
    });
    const streaksIn = async (timezone: string) => {
      await change({ timezone });
      return answersOf(service).ask(streaks, '/me/streaks', ada.token);
    };
    // A day and an hour apart: it is never the same day in both.
    const east = await streaksIn('Pacific/Kiritimati');
    const west = await streaksIn('Pacific/Niue');
    expect(west.today < east.today).to.equal(true);
    for (const { longestStart, longestEnd } of [east, west]) {
      expect([longestStart, longestEnd]).to.deep.equal(['2026-02-07', '2026-02-07']);
    }
  });
});
