import { EventStoreDBClient } from '@eventstore/db-client';
import { expect } from 'chai';

import { startEventStoreDouble, type EventStoreDouble } from '../double.js';

describe('the HTTP side of the EventStoreDB double', () => {
  let double: EventStoreDouble;
  let url: string;

  before(async () => {
    double = await startEventStoreDouble({ nodes: 3 });
    url = `http://127.0.0.1:${String(double.nodes[0]?.port)}`;
  });

  after(() => double.close());

  const post = (path: string, body: string, headers: Record<string, string>): Promise<Response> =>
    fetch(`${url}${path}`, { method: 'POST', body, headers: { connection: 'close', ...headers } });

  it('says that the node is alive', async () => {
    expect((await fetch(`${url}/health/live`)).status).to.equal(204);
    expect(await (await fetch(`${url}/ping`)).json()).to.include({
      text: 'Ping request successfully handled',
    });
  });

  it('tells who leads', async () => {
    const { members } = (await (await fetch(`${url}/gossip`)).json()) as {
      members: readonly { readonly state: string; readonly httpEndPointPort: number }[];
    };
    expect(members.map(({ state }) => state)).to.deep.equal(['Leader', 'Follower', 'Follower']);
    expect(members.map(({ httpEndPointPort }) => httpEndPointPort)).to.deep.equal(
      double.nodes.map(({ port }) => port),
    );
    expect(await (await fetch(`${url}/info`)).json()).to.include({ state: 'leader' });
  });

  it('does not know what it does not have', async () => {
    expect((await fetch(`${url}/nothing`)).status).to.equal(404);
    expect((await post('/nothing', '', {})).status).to.equal(404);
  });

  it('appends what is posted, once for each address that it gives', async () => {
    const json = { 'content-type': 'application/json', 'es-eventtype': 'film' };
    const response = await post('/streams/films', '{"title":"Stalker"}', json);
    expect(response.status).to.equal(201);
    expect(response.redirected).to.equal(true);
    const again = await post(new URL(response.url).pathname, '{"title":"Stalker"}', json);
    expect(again.status).to.equal(201);

    const client = EventStoreDBClient.connectionString(double.connectionString);
    const films: unknown[] = [];
    for await (const { event } of client.readStream('films')) films.push(event?.data);
    await client.dispose();
    expect(films).to.deep.equal([{ title: 'Stalker' }]);
    expect(await (await fetch(`${url}/streams/films/0`)).json()).to.deep.equal(films[0]);
    expect((await fetch(`${url}/streams/films/1`)).status).to.equal(404);
  });

  it('takes an event larger than gRPC does, which gRPC can read', async () => {
    const text = 'long '.repeat(3_000_000);
    const headers = { 'content-type': 'application/json', 'es-eventtype': 'book' };
    const { status } = await post('/streams/books', JSON.stringify({ text }), headers);
    expect(status).to.equal(201);
    const client = EventStoreDBClient.connectionString(double.connectionString);
    const books: unknown[] = [];
    for await (const { event } of client.readStream('books')) books.push(event?.data);
    await client.dispose();
    expect(books).to.have.length(1);
    expect(books[0]).to.have.property('text').that.has.length(text.length);
  });

  it('appends several at once, where the stream is what was expected', async () => {
    const headers = {
      'content-type': 'application/vnd.eventstore.events+json',
      'es-expectedversion': '-1',
    };
    const events = [0, 1].map((number) => ({
      eventId: crypto.randomUUID(),
      eventType: 'film',
      data: { number },
    }));
    const created = await post('/streams/several', JSON.stringify(events), headers);
    expect(created.status).to.equal(201);
    expect(created.headers.get('location')).to.equal('/streams/several/0');
    const [first] = events;
    const other = [{ ...first, eventId: crypto.randomUUID() }];
    const refused = await post('/streams/several', JSON.stringify(other), headers);
    expect(refused.status).to.equal(400);
    expect(refused.headers.get('es-currentversion')).to.equal('1');
    expect((await post('/streams/several', 'no events', headers)).status).to.equal(400);
  });
});
