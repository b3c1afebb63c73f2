import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { OWNER_ID } from '../../../src/infra/auth/owner.js';
import type { RecordedEvent } from '../../../src/commands/ports/eventStore.js';
import { describeOnBothLogs } from '../../support/run/bothLogs.js';
import { openCommandProcess, type CommandProcess } from '../../support/service/commandProcess.js';
import { createPersonalKeys } from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { verifyLog } from '../../../src/infra/eventstore/verify/verifyLog.js';
import { startServe, type ServeProcess } from '../../support/service/cliProcess.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { eventually } from '../../support/run/eventually.js';
import { openHttpClient, textOf } from '../../support/service/httpClient.js';
import { startReellog } from '../../support/service/reellog.js';

/** A command and, when it was answered with success, the position it was told. */
interface Sent {
  readonly playId: string;
  answer: { readonly status: number; readonly position?: string } | undefined;
}

const COMMANDS = 160;
/** So many answers are in when the service is told to stop. */
const ANSWERS_BEFORE = 20;

/** Commands that make two events each, in streams of their own, over 32 connections. */
const underLoad = async (
  { url, token }: { readonly url: string; readonly token: string },
  stop: () => Promise<unknown>,
): Promise<readonly Sent[]> => {
  const client = openHttpClient(url);
  let answers = 0;
  const sent = Array.from({ length: COMMANDS }, (): Sent => ({
    playId: randomUUID(),
    answer: undefined,
  }));
  const requests = sent.map(async (command, nth) => {
    const body = { tmdbId: 1_000 + nth, playId: command.playId, rating: 7 };
    try {
      const answer = await client.send({
        ...{ method: 'POST', path: '/api/v1/me/watches', token, body },
      });
      answers += 1;
      command.answer = {
        status: answer.status,
        ...(answer.status < 300 ? { position: textOf(answer.json, 'position') } : {}),
      };
    } catch {
      // Not answered: it may have been heard or not.
    }
  });
  await eventually('the first answers are in', () => answers >= ANSWERS_BEFORE);
  await stop();
  await Promise.all(requests);
  client.close();
  return sent;
};

/** All events, of a log that is as `reellog log verify` wants it. */
const whole = async ({ log, database }: CommandProcess): Promise<readonly RecordedEvent[]> => {
  const { first } = await verifyLog({
    ...{ log, personalKeys: createPersonalKeys(database), signal: new AbortController().signal },
  });
  expect(first).to.deep.equal([]);
  const { events, end } = await log.readAll({ maxCount: 10_000 });
  expect(end).to.equal(true);
  return events;
};

/** Every command that was accepted is in the log once, and every other one at most once; none by halves. */
const expectNothingLost = (sent: readonly Sent[], log: readonly RecordedEvent[]): void => {
  const accepted = sent.filter(({ answer }) => answer !== undefined && answer.status < 300);
  const refused = sent.filter(({ answer }) => answer !== undefined && answer.status >= 300);
  const unanswered = sent.filter(({ answer }) => answer === undefined);
  expect(refused).to.deep.equal([]);
  expect(accepted).to.have.lengthOf.at.least(ANSWERS_BEFORE);
  // Else nothing was under way when the service stopped.
  expect(unanswered).to.have.lengthOf.above(0);

  const viewing = log.filter(({ stream }) => stream.startsWith(`viewing-${OWNER_ID}`));
  const byStream = new Map<string, RecordedEvent[]>();
  for (const event of viewing) {
    byStream.set(event.stream, [...(byStream.get(event.stream) ?? []), event]);
  }
  const recorded = new Map<unknown, RecordedEvent>();
  for (const [stream, events] of byStream) {
    expect(
      events.map(({ type }) => type),
      stream,
    ).to.deep.equal(['MovieWatched', 'TitleRated']);
    const [watched, rated] = events;
    if (watched && rated) recorded.set(watched.data.playId, rated);
  }
  expect(recorded.size, 'one stream for each play').to.equal(byStream.size);
  for (const { playId, answer } of accepted) {
    expect(recorded.get(playId)?.position.toString(), playId).to.equal(answer?.position);
  }
  const ours = new Set<unknown>(sent.map(({ playId }) => playId));
  for (const playId of recorded.keys()) expect(ours.has(playId)).to.equal(true);
};

describeOnBothLogs('A shutdown under load', () => {
  it('loses nothing that was answered and does nothing by halves, when the service is closed', async () => {
    const fresh = await freshDatabase();
    const service = await startReellog({ databaseUrl: fresh.connectionString });
    const { url, owner, reellog } = service;
    const sent = await underLoad({ url, token: owner.token }, () => reellog.close());
    await service.close();
    const reader = await openCommandProcess(fresh.connectionString);
    try {
      expectNothingLost(sent, await whole(reader));
    } finally {
      await reader.close();
      await fresh.drop();
    }
  });

  describe('of a process', () => {
    let fresh: FreshDatabase;
    let serving: ServeProcess;

    beforeEach(async () => {
      fresh = await freshDatabase();
      serving = await startServe({
        DATABASE_URL: fresh.connectionString,
      });
    });
    afterEach(async () => {
      await serving.end('SIGKILL');
      await fresh.drop();
    });

    it('loses nothing that was answered and does nothing by halves, at SIGTERM', async () => {
      const { url, token = '' } = serving;
      const sent = await underLoad({ url, token }, () => serving.end('SIGTERM'));
      expect(await serving.ended).to.deep.include({ code: 0, stderr: '' });
      const reader = await openCommandProcess(fresh.connectionString);
      try {
        expectNothingLost(sent, await whole(reader));
      } finally {
        await reader.close();
      }
    });
  });
});
