import { expect } from 'chai';
import { randomUUID } from 'node:crypto';
import {
  createPersonalKeys,
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

  it('are made when first needed, of 256 bits, one for each person', async () => {
    const [one, two] = await Promise.all([keys.keyFor(randomUUID()), keys.keyFor(randomUUID())]);
    expect(one).to.have.length(32);
    expect(two).to.have.length(32);
    expect(two).not.to.deep.equal(one);
  });

  it('stay the same, here and in other processes', async () => {
    const user = randomUUID();
    const key = await keys.keyFor(user);
    expect(await keys.keyFor(user)).to.deep.equal(key);
    expect(await anotherProcess().keyFor(user)).to.deep.equal(key);
    expect((await anotherProcess().keysOf([user])).get(user)).to.deep.equal(key);
  });

  it('are one for processes that make it at the same moment', async () => {
    const user = randomUUID();
    const made = await Promise.all(Array.from({ length: 10 }, () => anotherProcess().keyFor(user)));
    expect(new Set(made.map((key) => key?.toString('hex'))).size).to.equal(1);
  });

  it('are not made by looking', async () => {
    const [known, unknown] = [randomUUID(), randomUUID()];
    await keys.keyFor(known);
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
    await keys.keyFor(user);
    const kept = await keys.keyFor(neighbour);
    await keys.destroy(user);
    for (const process of [keys, anotherProcess()]) {
      expect(await process.keyFor(user)).to.equal(undefined);
      expect([...(await process.keysOf([user, neighbour]))]).to.deep.equal([[neighbour, kept]]);
    }
    const rows = await fresh.database.query({
      text: 'select key, destroyed_at is not null as destroyed from personal_keys where user_id = $1',
      values: [user],
    });
    expect(rows).to.deep.equal([{ key: null, destroyed: true }]);
  });

  it('can be destroyed before one was made, and twice', async () => {
    const user = randomUUID();
    await keys.destroy(user);
    await keys.destroy(user);
    expect(await keys.keyFor(user)).to.equal(undefined);
  });

  it('are not brought back by whoever was reading them when they were destroyed', async () => {
    for (let round = 0; round < 20; round += 1) {
      const user = randomUUID();
      await anotherProcess().keyFor(user);
      const process = anotherProcess();
      await Promise.all([
        process.keysOf([user]),
        process.destroy(user),
        process.keyFor(user),
        process.keysOf([user]),
      ]);
      expect(await process.keyFor(user)).to.equal(undefined);
    }
  });
});
