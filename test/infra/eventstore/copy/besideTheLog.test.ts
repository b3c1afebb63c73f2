import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import { createApiTokens } from '../../../../src/infra/auth/apiTokens.js';
import { createCommandReceipts } from '../../../../src/infra/commands/commandReceipts.js';
import { createReservations } from '../../../../src/infra/commands/reservations.js';
import {
  checkKeys,
  copyBesideTheLog,
  type BesideTheLog,
} from '../../../../src/infra/eventstore/copy/besideTheLog.js';
import { CopyRefused } from '../../../../src/infra/eventstore/copy/copyTarget.js';
import { createPersonalKeys } from '../../../../src/infra/eventstore/privacy/personalKeys.js';
import type { Database } from '../../../../src/infra/postgres/database.js';
import { freshDatabase, type FreshDatabase } from '../../../support/postgres/database.js';
import { rejection } from '../../../support/deciders/rejection.js';

const never = new AbortController().signal;
const nothing: BesideTheLog = { personalKeys: 0, tokens: 0, receipts: 0, reservations: 0 };

describe('What is copied beside a log', () => {
  const person = randomUUID();
  let source: FreshDatabase;
  let target: FreshDatabase;

  beforeEach(async () => {
    source = await freshDatabase();
    target = await freshDatabase();
  });
  afterEach(async () => {
    await source.drop();
    await target.drop();
  });

  const copy = (head = 900n): Promise<BesideTheLog> =>
    copyBesideTheLog(source.database, target.database, { head, signal: never });
  const checked = (): Promise<void> => checkKeys(source.database, target.database, never);
  const rowsOf = ({ database }: { readonly database: Database }, table: string) =>
    database.query({ text: `select * from ${table} t order by t` });

  const command = { userId: person, key: 'import "1" \\ once', fingerprint: 'abcd' };

  /** One of each. */
  const settle = async (): Promise<{ readonly token: string; readonly tokenId: string }> => {
    await createPersonalKeys(source.database).make(person);
    const receipts = createCommandReceipts(source.database);
    const outcome = { id: person, stream: 'movie-1', appended: 1, created: true };
    await receipts.claim(command);
    await receipts.settle(command, { ...outcome, position: 12n });
    await createReservations(source.database).reserve(['imdb:tt0048434'], person);
    const { token, info } = await createApiTokens(source.database).create({
      ...{ userId: person, name: 'player' },
    });
    return { token, tokenId: info.id };
  };

  it('are the keys of personal text, tokens, receipts and reserved names', async () => {
    const { token } = await settle();
    await createPersonalKeys(source.database).destroy(randomUUID());
    expect(await copy()).to.deep.equal({
      personalKeys: 2,
      tokens: 1,
      receipts: 1,
      reservations: 1,
    });
    for (const table of ['personal_keys', 'api_tokens', 'reservations']) {
      expect(await rowsOf(target, table)).to.deep.equal(await rowsOf(source, table));
    }
    expect(await createApiTokens(target.database).holderOf(token)).to.include({ userId: person });
  });

  it('are written once, and the rest another time', async () => {
    await settle();
    await copy();
    expect(await copy()).to.deep.equal(nothing);
    await createReservations(source.database).reserve(['tmdb:48035'], person);
    expect(await copy()).to.deep.equal({ ...nothing, reservations: 1 });
  });

  it('come in any number', async () => {
    await source.database.query({
      text: `insert into personal_keys (user_id, key)
             select gen_random_uuid(), sha256(n::text::bytea) from generate_series(1, 2500) n`,
    });
    expect(await copy()).to.deep.equal({ ...nothing, personalKeys: 2_500 });
    expect(await rowsOf(target, 'personal_keys')).to.deep.equal(
      await rowsOf(source, 'personal_keys'),
    );
  });

  it('have receipts answer with the end of the copy, where the command’s events surely are', async () => {
    await settle();
    await copy(77n);
    const claim = await createCommandReceipts(target.database).claim(command);
    expect(claim).to.include({ status: 'done' });
    expect(claim).to.have.nested.property('outcome.position', 77n);
  });

  it('bring a key that was destroyed since, and a token that was revoked', async () => {
    const { token, tokenId } = await settle();
    await copy();
    await createPersonalKeys(source.database).destroy(person);
    await createApiTokens(source.database).revoke(tokenId);
    expect(await copy()).to.deep.equal({ ...nothing, personalKeys: 1, tokens: 1 });
    expect(await createPersonalKeys(target.database).make(person)).to.equal('erased');
    expect(await createApiTokens(target.database).holderOf(token)).to.equal(undefined);
  });

  it('bring the outcome of a command that was not known before, and the owner of a name', async () => {
    const receipts = createCommandReceipts(source.database);
    await receipts.claim(command);
    const reservations = createReservations(source.database);
    await reservations.reserve(['imdb:tt1'], person);
    await copy();
    const outcome = { id: person, stream: 'movie-1', appended: 0, created: false };
    await receipts.settle(command, outcome);
    const heir = randomUUID();
    await reservations.takeOver([{ name: 'imdb:tt1', from: person }], heir);
    expect(await copy()).to.deep.equal({ ...nothing, receipts: 1, reservations: 1 });
    const claim = await createCommandReceipts(target.database).claim(command);
    expect(claim).to.deep.include({ status: 'done', outcome });
    const holders = await createReservations(target.database).holders(['imdb:tt1']);
    expect(holders.get('imdb:tt1')?.owner).to.equal(heir);
  });

  it('are refused where the target has another key for somebody, or none any more', async () => {
    const keys = createPersonalKeys(source.database);
    await keys.make(person);
    await checked();
    await createPersonalKeys(target.database).make(randomUUID());
    await checked();
    await createPersonalKeys(target.database).make(person);
    expect((await rejection(checked(), CopyRefused)).message).to.match(/of 1 person /);
    await createPersonalKeys(target.database).destroy(person);
    await rejection(checked(), CopyRefused);
    await keys.destroy(person);
    await checked();
  });
});
