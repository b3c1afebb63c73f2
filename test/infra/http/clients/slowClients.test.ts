import { once } from 'node:events';
import type { Server } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { expect } from 'chai';
import { createTimedServer } from '../../../../src/infra/http/server.js';
import { eventually } from '../../../support/run/eventually.js';

const CLIENT_MS = 300;
/** More than the system holds for whoever does not read. */
const LARGE = Buffer.alloc(64_000_000, 'x');

describe('A slow client', () => {
  let server: Server;
  let clients: Socket[];
  let closed: string[];

  beforeEach(async () => {
    clients = [];
    closed = [];
    server = createTimedServer(CLIENT_MS, (request, response) => {
      const { url = '' } = request;
      response.once('close', () => closed.push(url));
      if (url === '/large') response.end(LARGE);
      else if (url === '/late') setTimeout(() => response.end('late'), 3 * CLIENT_MS);
      else if (url === '/stream') {
        response.write('begun\n');
        setTimeout(() => response.end('ended\n'), 3 * CLIENT_MS);
      } else {
        request.resume();
        request.once('end', () => response.end('read'));
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
  });

  afterEach(() => {
    for (const client of clients) client.destroy();
    server.close();
    server.closeAllConnections();
  });

  const open = async (sent: string): Promise<Socket> => {
    const client = connect((server.address() as AddressInfo).port, '127.0.0.1');
    client.on('error', () => undefined);
    clients.push(client);
    await once(client, 'connect');
    client.write(sent);
    return client;
  };

  /** All that the server says before it hangs up. */
  const saidTo = async (client: Socket): Promise<string> => {
    let text = '';
    client.on('data', (part: Buffer) => (text += part.toString('latin1')));
    await once(client, 'close');
    return text;
  };

  /** Sends a byte now and then, so that the connection is never silent. */
  const drip = (client: Socket, byte: string): void => {
    const timer = setInterval(() => {
      if (client.writable) client.write(byte);
    }, CLIENT_MS / 5);
    client.once('close', () => {
      clearInterval(timer);
    });
  };

  it('that never sends the whole head of a request is told so, and cut', async () => {
    const client = await open('GET / HTTP/1.1\r\nHost: reellog\r\nX-Slow: ');
    drip(client, 'a');
    expect(await saidTo(client)).to.match(/^HTTP\/1\.1 408 /);
  });

  it('that sends nothing at all is cut', async () => {
    await saidTo(await open(''));
  });

  it('that never sends the whole body of a request is told so, and cut', async () => {
    const client = await open('POST / HTTP/1.1\r\nHost: reellog\r\nContent-Length: 1000\r\n\r\n');
    drip(client, 'a');
    expect(await saidTo(client)).to.match(/^HTTP\/1\.1 408 /);
  });

  it('that takes nothing of its answer is cut', async () => {
    const client = await open('GET /large HTTP/1.1\r\nHost: reellog\r\n\r\n');
    client.pause();
    await eventually('the connection is cut', () => Promise.resolve(closed.includes('/large')));
    client.resume();
    expect((await saidTo(client)).length).to.be.lessThan(LARGE.length);
  });

  it('that takes its answer bit by bit gets all of it', async () => {
    const client = await open('GET /large HTTP/1.1\r\nHost: reellog\r\nConnection: close\r\n\r\n');
    let bytes = 0;
    client.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes % 40 > 0) return;
      client.pause();
      setTimeout(() => client.resume(), 1);
    });
    await once(client, 'close');
    expect(bytes).to.be.greaterThan(LARGE.length);
  });

  it('is not one that waits for its answer, or for more of it', async () => {
    for (const [url, last] of [
      ['/late', 'late'],
      ['/stream', 'ended\n'],
    ] as const) {
      const client = await open(`GET ${url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`);
      expect(await saidTo(client), url).to.include(last);
    }
  });
});
