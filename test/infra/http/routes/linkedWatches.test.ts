import { expect } from 'chai';
import { memberOf, textOf } from '../../../support/service/httpClient.js';
import { startReellog, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, prepare } from '../requests.js';

describe('A watch that was taken for another source’s report of the same viewing', () => {
  let service: RunningReellog;

  before(async () => {
    service = await startReellog();
    await prepare(service);
  });
  after(() => service.close());

  it('counts everywhere once it is amended to another day', async () => {
    const { token } = await service.register('Ada');
    const watches = `/movies/${FILM}/watches`;
    const reported = async (source: string, at: string): Promise<string> => {
      const body = { source, watched: { at } };
      const { status, json, text } = await service.api({
        ...{ method: 'POST', path: watches, token, body },
      });
      expect(status, text).to.equal(201);
      return textOf(json, 'id');
    };
    const counted = async () => {
      await service.caughtUp();
      const get = async (path: string) => (await service.api({ path, token })).json;
      const stats = await get('/me/stats');
      return {
        stats: memberOf(stats, 'moviePlays'),
        year: memberOf(
          await get('/me/stats?period=range&from=2026-01-01&to=2026-12-31'),
          'moviePlays',
        ),
        streak: memberOf(await get('/me/streaks'), 'longest'),
        state: memberOf(await get(`/movies/${FILM}/state`), 'plays'),
      };
    };
    const first = await reported('webhook', '2026-02-06T20:00:00Z');
    const second = await reported('playback', '2026-02-06T20:05:00Z');
    expect(await counted()).to.include({ stats: 1, year: 1, streak: 1, state: 1 });
    const path = `${watches}/${second}`;
    const body = { watched: { date: '2026-02-07' } };
    expect(await service.api({ method: 'PATCH', path, token, body })).to.include({ status: 200 });
    expect(await counted()).to.include({ stats: 2, year: 2, streak: 2, state: 2 });
    const { json } = await service.api({ path: watches, token });
    const listed = [0, 1].map((nth) => [
      textOf(json, 'watches', nth, 'id'),
      memberOf(json, 'watches', nth, 'rewatchNumber'),
    ]);
    expect(listed).to.deep.equal([
      [first, 1],
      [second, 2],
    ]);
    expect(memberOf(json, 'watches', 1)).not.to.have.property('duplicateOf');
  });
});
