import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { CommandRejected } from '../../../src/commands/command.js';
import { createSerialiser } from '../../../src/commands/handling/serialise.js';
import { createCommandReceipts } from '../../../src/infra/commands/commandReceipts.js';
import { createRequestReceipts } from '../../../src/infra/commands/requestReceipts.js';
import { openDatabase, type Database } from '../../../src/infra/postgres/database.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import { testLogger } from '../../support/run/logger.js';
import { rejection } from '../../support/deciders/rejection.js';

describe('A request that is no command, under a key', () => {
  let fresh: FreshDatabase;
  let elsewhere: Database;

  before(async () => {
    fresh = await freshDatabase();
    elsewhere = openDatabase({
      connectionString: fresh.connectionString,
      maxConnections: 3,
      logger: testLogger,
    });
  });
  after(async () => {
    await elsewhere.close();
    await fresh.drop();
  });

  const newRequest = () => ({ userId: randomUUID(), key: 'once', fingerprint: 'ab' });
  const token = 'reel_secret';

  it('is done once by several processes at once, and all have its answer', async () => {
    const request = newRequest();
    const [here, there] = [createRequestReceipts(fresh.database), createRequestReceipts(elsewhere)];
    let times = 0;
    const run = async (): Promise<unknown> => {
      times += 1;
      // Takes another connection, as most of them do.
      await elsewhere.query({ text: 'select 1' });
      return { z: 1, a: [times] };
    };
    const answers = await Promise.all(
      Array.from({ length: 10 }, (_, nth) =>
        (nth % 2 === 0 ? here : there).once(request, token, run),
      ),
    );
    expect(times).to.equal(1);
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).to.equal(1);
  });

  it('leaves its key free when it fails', async () => {
    const request = newRequest();
    const receipts = createRequestReceipts(fresh.database);
    const failed = receipts.once(request, token, () => Promise.reject(new RangeError('no')));
    expect(await rejection(failed, RangeError)).to.include({ message: 'no' });
    const other = { ...request, fingerprint: 'cd' };
    expect(await receipts.once(other, token, () => Promise.resolve(undefined))).to.equal(undefined);
    expect(await receipts.once(other, token, () => Promise.reject(new Error('again')))).to.equal(
      null,
    );
  });

  it('is told to come again when another one under its key takes too long', async () => {
    const request = newRequest();
    let finish: (answer: string) => void = () => undefined;
    let begun: () => void = () => undefined;
    const beginning = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const first = createRequestReceipts(fresh.database).once(request, token, () => {
      begun();
      return new Promise((resolve) => {
        finish = resolve;
      });
    });
    await beginning;
    const second = createRequestReceipts(elsewhere, { waitMs: 50 });
    const refused = await rejection(
      second.once(request, token, () => Promise.resolve('twice')),
      CommandRejected,
    );
    expect(refused.failure).to.include({ kind: 'contended' });
    finish('once');
    expect(await first).to.equal('once');
    expect(await second.once(request, token, () => Promise.resolve('twice'))).to.equal('once');
  });

  it('gets on while more commands under its key wait for it than there are connections', async () => {
    const request = newRequest();
    const turns = createSerialiser();
    const commands = createCommandReceipts(elsewhere, turns);
    const waiting: Promise<unknown>[] = [];
    const answer = await createRequestReceipts(elsewhere, { turns }).once(
      request,
      token,
      async () => {
        for (let nth = 0; nth < 5; nth += 1) {
          waiting.push(commands.claim({ ...request, fingerprint: 'cd' }));
        }
        await elsewhere.query({ text: 'select 1' });
        return 'made';
      },
    );
    expect(answer).to.equal('made');
    for (const claim of await Promise.all(waiting)) {
      expect(claim).to.deep.equal({ status: 'taken' });
    }
  });

  it('is refused a key that a command has, and a command its key', async () => {
    const request = newRequest();
    const command = { ...request, fingerprint: 'cd' };
    const commands = createCommandReceipts(fresh.database);
    const receipts = createRequestReceipts(fresh.database);
    await commands.claim(command);
    const refused = await rejection(
      receipts.once(request, token, () => Promise.resolve('done')),
      CommandRejected,
    );
    expect(refused.failure).to.include({ kind: 'idempotency-key-reused' });
    await commands.release(command);
    expect(await receipts.once(request, token, () => Promise.resolve('done'))).to.equal('done');
    expect(await commands.claim(command)).to.deep.equal({ status: 'taken' });
  });
});
