import { expect } from 'chai';
import type { People } from '../../../src/queries/ports/facts.js';
import { createTmdb, tmdbProvider } from '../../../src/infra/metadata/tmdb/tmdb.js';
import { createOutgoing, type Outgoing } from '../../../src/infra/outgoing/outgoing.js';
import { createPeople } from '../../../src/infra/people/people.js';
import { createPeopleTable } from '../../../src/infra/people/peopleTable.js';
import { freshDatabase, type FreshDatabase } from '../../support/postgres/database.js';
import {
  sendJson,
  startFaultyServer,
  type FaultyServer,
} from '../../support/providers/faultyServer.js';
import { eventually } from '../../support/run/eventually.js';
import { testLogger } from '../../support/run/logger.js';

const UNKNOWN = 404;
const NO_BIRTHDAY = 500;
const ids = (from: number, many: number): readonly number[] =>
  Array.from({ length: many }, (_, nth) => from + nth);

describe('People who are looked up', () => {
  let fresh: FreshDatabase;
  let server: FaultyServer;
  let outgoing: Outgoing;
  let people: People & { close(): Promise<void> };

  before(async () => {
    fresh = await freshDatabase();
    server = await startFaultyServer((url, _, response) => {
      const id = Number(url.pathname.split('/').at(-1));
      if (id === UNKNOWN) sendJson(response, 404, { status_code: 34 });
      else {
        const birthday = id === NO_BIRTHDAY ? null : '1964-09-02';
        const more = { deathday: '', imdb_id: 5, biography: 'x'.repeat(60_000) };
        sendJson(response, 200, { id, name: `Person ${id}`, birthday, ...more });
      }
    });
  });

  after(async () => {
    await server.close();
    await fresh.drop();
  });

  const open = (fetches = 10): typeof people => {
    const settings = { key: 'a-key', language: 'en-US', baseUrl: server.url };
    outgoing = createOutgoing(
      { ...tmdbProvider(settings, false), firstRetryMs: 1 },
      { logger: testLogger },
    );
    people = createPeople({
      ...{ table: createPeopleTable(fresh.database), provider: createTmdb(outgoing, settings) },
      ...{ fetches, limitMs: 2_000, logger: testLogger },
    });
    return people;
  };

  beforeEach(async () => {
    await fresh.database.query({ text: 'truncate people' });
    server.forget();
    server.always(undefined);
  });

  afterEach(async () => {
    await people.close();
    await outgoing.close();
  });

  const asked = (): readonly number[] =>
    server.received.map(({ url }) => Number(url.pathname.split('/').at(-1)));

  it('are asked for once, the most wanted first, as many as an answer may; the others after it', async () => {
    open(3);
    const wanted = ids(1, 5);
    const { people: found, complete } = await people.lookUp(wanted);
    expect([...found.keys()]).to.have.members([1, 2, 3]);
    expect(complete).to.equal(false);
    expect(found.get(1)?.details).to.deep.equal({
      ...{ tmdbId: 1, name: 'Person 1', birthday: '1964-09-02' },
    });
    await eventually('the others are found out', async () => {
      const later = await createPeopleTable(fresh.database).load(wanted);
      return later.size === 5;
    });
    expect(asked().toSorted()).to.deep.equal(wanted);
    const again = await people.lookUp(wanted);
    expect([again.people.size, again.complete]).to.deep.equal([5, true]);
    expect(asked()).to.have.length(5);
  });

  it('are asked for once by those who want them at the same time', async () => {
    open();
    const answers = await Promise.all([people.lookUp([1, 2]), people.lookUp([2, 1])]);
    expect(answers.map(({ people: found }) => found.size)).to.deep.equal([2, 2]);
    expect(asked().toSorted()).to.deep.equal([1, 2]);
  });

  it('are remembered for a month where nobody knows them, or when they were born', async () => {
    open();
    const wanted = [UNKNOWN, NO_BIRTHDAY];
    const first = await people.lookUp(wanted);
    expect(first.complete).to.equal(true);
    expect(first.people.get(UNKNOWN)?.details).to.equal(undefined);
    expect(first.people.get(NO_BIRTHDAY)?.details).to.include({ name: `Person ${NO_BIRTHDAY}` });
    await people.lookUp(wanted);
    expect(asked()).to.have.length(2);
    await fresh.database.query({
      text: "update people set fetched_at = fetched_at - interval '31 days'",
    });
    await people.lookUp(wanted);
    expect(asked()).to.have.length(4);
  });

  it('are asked for again when they are stale, and told as they were while nobody answers', async () => {
    open();
    await people.lookUp([1]);
    expect(await createPeopleTable(fresh.database).markStale([1, 2])).to.equal(1);
    server.always({ status: 500 });
    const meanwhile = await people.lookUp([1, 2]);
    expect(meanwhile.people.get(1)?.details).to.include({ name: 'Person 1' });
    expect([meanwhile.people.has(2), meanwhile.complete]).to.deep.equal([false, false]);
    server.always(undefined);
    await people.close();
    await outgoing.close();
    open();
    expect(await people.lookUp([1, 2])).to.have.property('complete', true);
  });

  it('are what is known where no provider is configured', async () => {
    open();
    await people.lookUp([1]);
    const alone = createPeople({
      ...{ table: createPeopleTable(fresh.database), fetches: 10, limitMs: 1, logger: testLogger },
    });
    const { people: found, complete } = await alone.lookUp([1, 2]);
    expect([[...found.keys()], complete]).to.deep.equal([[1], true]);
  });
});
