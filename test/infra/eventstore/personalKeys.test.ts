import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import {
  createPersonalKeys,
  type KeysOfPerson,
  type PersonalKey,
  type PersonalKeys,
} from '../../../src/infra/eventstore/privacy/personalKeys.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';

describe("The keys of people's personal text", () => {
  let fresh: FreshDatabase;
  let keys: PersonalKeys;

  before(async () => {
    fresh = await freshDatabase();
  });
  after(() => fresh.drop());
  beforeEach(() => {
    keys = anotherProcess();
  });

  /** Its memory is its own. */
  const anotherProcess = (): PersonalKeys => createPersonalKeys(fresh.database);

  /** @throws where the person was erased */
  const onlyKey = (found: KeysOfPerson | undefined): PersonalKey => {
    expect(found).to.have.length(1);
    if (!found || found === 'erased') throw new Error('there is no key');
    return found[0];
  };

  it('are of 256 bits, another for each person', async () => {
    const made = await Promise.all([keys.make(randomUUID()), keys.make(randomUUID())]);
    const [one, two] = made.map(onlyKey);
    expect(one?.key).to.have.length(32);
    expect(two?.key).to.have.length(32);
    expect(two?.key).not.to.deep.equal(one?.key);
    expect(two?.id).not.to.equal(one?.id);
  });

  it('stay the same, here and in other processes', async () => {
    const user = randomUUID();
    const made = await keys.make(user);
    expect(await keys.make(user)).to.deep.equal(made);
    expect(await anotherProcess().make(user)).to.deep.equal(made);
    expect((await anotherProcess().keysOf([user])).get(user)).to.deep.equal(made);
  });

  it('are one for processes that make it at the same moment', async () => {
    const user = randomUUID();
    const made = await Promise.all(Array.from({ length: 10 }, () => anotherProcess().make(user)));
    expect(new Set(made.map((found) => onlyKey(found).id)).size).to.equal(1);
  });

  it('are not made by looking', async () => {
    const [known, unknown] = [randomUUID(), randomUUID()];
    await keys.make(known);
    const found = await anotherProcess().keysOf([known, unknown]);
    expect([...found.keys()]).to.deep.equal([known]);
    const rows = await fresh.database.query({
      text: 'select from personal_keys where user_id = $1',
      values: [unknown],
    });
    expect(rows).to.deep.equal([]);
  });

  it('are all told of more people than are remembered, and those who were remembered longest', async () => {
    await fresh.database.query({
      text: `insert into personal_keys (user_id, key)
             select gen_random_uuid(), sha256(nth::text::bytea) from generate_series(1, 10050) nth`,
    });
    const rows = await fresh.database.query<{ user_id: string }>({
      text: 'select user_id from personal_keys',
    });
    const users = rows.map(({ user_id }) => user_id);
    expect((await keys.keysOf(users)).size).to.equal(users.length);

    const few = [users.at(-10_000), users[0]].filter((user) => user !== undefined);
    expect([...(await keys.keysOf(few)).keys()]).to.have.members(few);
  });

  it('are gone for good once destroyed: nobody makes a new one', async () => {
    const [user, neighbour] = [randomUUID(), randomUUID()];
    await keys.make(user);
    const kept = await keys.make(neighbour);
    await keys.destroy(user);
    for (const process of [keys, anotherProcess()]) {
      expect(await process.make(user)).to.equal('erased');
      const found = await process.keysOf([user, neighbour]);
      expect(found).to.deep.equal(
        new Map<string, KeysOfPerson>([
          [user, 'erased'],
          [neighbour, kept],
        ]),
      );
    }
    const rows = await fresh.database.query({
      text: 'select key, destroyed_at is not null as destroyed from personal_keys where user_id = $1',
      values: [user],
    });
    expect(rows).to.deep.equal([{ key: null, destroyed: true }]);
  });

  it('are all destroyed where a person has several, the lost one restored beside the next', async () => {
    const user = randomUUID();
    const next = onlyKey(await keys.make(user));
    await fresh.database.query({
      text: `insert into personal_keys (user_id, key, created_at)
             values ($1, sha256('lost'), now() - interval '1 day')`,
      values: [user],
    });
    const both = (await anotherProcess().keysOf([user])).get(user);
    expect(both).to.have.length(2);
    expect(both === 'erased' ? undefined : both?.at(-1)?.id).to.equal(next.id);
    await keys.destroy(user);
    expect((await anotherProcess().keysOf([user])).get(user)).to.equal('erased');
    const left = await fresh.database.query({
      text: 'select from personal_keys where user_id = $1 and key is not null',
      values: [user],
    });
    expect(left).to.deep.equal([]);
  });

  it('can be destroyed before one was made, and twice', async () => {
    const user = randomUUID();
    await keys.destroy(user);
    await keys.destroy(user);
    expect(await keys.make(user)).to.equal('erased');
  });

  it('are not brought back by whoever was reading them when they were destroyed', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = randomUUID();
      await anotherProcess().make(user);
      const process = anotherProcess();
      await Promise.all([
        process.keysOf([user]),
        process.destroy(user),
        process.make(user),
        process.keysOf([user]),
      ]);
      expect(await process.make(user)).to.equal('erased');
    }
  });
});
