import { expect } from 'chai';
import { readOwners, type Owner } from '../../../../src/projections/engine/rebuild/owners.js';
import { anEvent, type OpenedStore } from '../../../infra/eventstore/contract/log.js';
import { postgresLog, type PostgresLog } from '../../../infra/eventstore/postgres/postgresLog.js';

const PAGE = 5;
/** Where an owner is handed out in parts: four pages. */
const MOST = 4 * PAGE;

describe('Reading the log owner by owner', () => {
  let log: PostgresLog;
  let opened: OpenedStore;
  let head: bigint;

  /** The streams, each with so many events. */
  const streams: readonly (readonly [name: string, events: number])[] = [
    ['account-a', 2],
    ['account-b', 3],
    ['account-d', 1],
    ...Array.from({ length: 40 }, (_, nth) => [`viewing-b.${100 + nth}`, 1 + (nth % 3)] as const),
    ['viewing-a.1', 4],
    ['viewing-c.1', 3 * MOST],
    ['viewing-c.2', 1],
    ['viewing-d.1', 2],
  ];

  before(async () => {
    log = await postgresLog();
    opened = log.open();
    for (const [stream, count] of streams) {
      const events = Array.from({ length: count }, () => anEvent('ThingNoted', { userId: 'u' }));
      await opened.store.append(stream, events, { expectedRevision: 'no-stream' });
    }
    head = await opened.store.headPosition();
  });
  after(async () => {
    await opened.close();
    await log.remove();
  });

  const read = async (after?: string): Promise<readonly Owner[]> => {
    const { signal } = new AbortController();
    const owners: Owner[] = [];
    const batches = readOwners(opened.store, {
      ...{ prefixes: ['account-', 'viewing-'], types: ['ThingNoted'], upTo: head },
      ...{ after, signal, pageSize: PAGE },
    });
    for await (const batch of batches) owners.push(...batch);
    return owners;
  };

  it('gives each all of their streams, whole, in the order of their ids', async () => {
    const owners = await read();
    const found = new Map<string, string[]>();
    for (const { id, streams: some, events } of owners) {
      expect(some.flat()).to.have.length(events);
      const names = some.map(([first, ...rest]) => `${first?.stream ?? ''} ${rest.length + 1}`);
      found.set(id, [...(found.get(id) ?? []), ...names]);
      for (const stream of some) {
        expect(stream.map(({ revision }) => revision)).to.deep.equal(
          stream.map((_, n) => BigInt(n)),
        );
      }
    }
    expect([...found.keys()]).to.deep.equal(['a', 'b', 'c', 'd']);
    const expected = streams.map(([name, events]) => `${name} ${events}`);
    expect([...found.values()].flat()).to.have.members(expected);
  });

  it('gives one who has very many in parts, and says of all but the last that more follow', async () => {
    const owners = await read();
    const parts = owners.filter(({ id }) => id === 'b');
    expect(parts.length).to.be.above(1);
    expect(parts.map(({ hasMore = false }) => hasMore)).to.deep.equal(
      parts.map((_, nth) => nth < parts.length - 1),
    );
    for (const { events } of parts) expect(events).to.be.below(2 * MOST);
    for (const id of ['a', 'd']) {
      expect(owners.filter((owner) => owner.id === id).map(({ hasMore }) => hasMore)).to.deep.equal(
        [undefined],
      );
    }
  });

  it('goes on after an owner', async () => {
    const ids = (await read('b')).map(({ id }) => id);
    expect([...new Set(ids)]).to.deep.equal(['c', 'd']);
  });
});
