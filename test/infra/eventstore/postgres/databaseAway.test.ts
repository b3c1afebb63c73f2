import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { memberOf, type HttpRequest } from '../../../support/service/httpClient.js';
import { takeServerAway } from '../../../support/postgres/outage.js';
import { startReellogWithServer, type RunningReellog } from '../../../support/service/reellog.js';
import { FILM, prepare } from '../../http/requests.js';

describe('Without the database that has the log, too, the service', () => {
  let service: RunningReellog;
  let bringBack: () => Promise<void>;

  before(async () => {
    service = await startReellogWithServer();
    await prepare(service);
    bringBack = await takeServerAway(service.reellog.connectionString);
  });
  after(async () => {
    await bringBack();
    await service.close();
  });

  const commands: Readonly<Record<string, HttpRequest>> = {
    'a command': { method: 'PUT', path: `/movies/${FILM}/rating`, body: { rating: 8 } },
    'a command on what is not there': { method: 'DELETE', path: `/libraries/${randomUUID()}` },
  };
  for (const [what, request] of Object.entries(commands)) {
    it(`says to ${what} that it cannot answer, and when to try again`, async () => {
      const answer = await service.api(request);
      expect(answer.status, answer.text).to.equal(503);
      expect(answer.headers).to.include({ 'retry-after': '2' });
      expect(memberOf(answer.json, 'type')).to.equal('/problems/unavailable');
    });
  }
});
