import { expect } from 'chai';
import express from 'express';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { answerWithEvents } from '../../../../src/infra/http/streams/answerWithEvents.js';
import {
  createOpenStreams,
  type StreamLimits,
} from '../../../../src/infra/http/streams/openStreams.js';
import { problemOf } from '../../../../src/infra/http/problems.js';
import type { ServerSentEvent } from '../../../../src/infra/http/route.js';
import { sendProblem } from '../../../../src/infra/http/sendProblem.js';
import { eventually } from '../../../support/run/eventually.js';
import { openEventStream, type EventStream } from '../../../support/service/eventStream.js';

const tick = (nth: number, data: unknown = { nth }): ServerSentEvent => ({
  ...{ id: `t${nth}`, event: 'tick', data },
});
/** Nothing more comes, until the signal aborts. */
const silence = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
const one = async function* (signal: AbortSignal) {
  yield tick(1);
  await silence(signal);
};
/** More than the system keeps for a connection that nobody reads from. */
const LARGE = 'x'.repeat(100_000);
const MANY = 1_000;

describe('A stream of events', () => {
  let closing: AbortController;
  let server: Server;
  let streams: EventStream[];
  let made: number;
  let ended: number;

  beforeEach(() => {
    closing = new AbortController();
    streams = [];
    made = 0;
    ended = 0;
  });
  afterEach(async () => {
    for (const stream of streams) stream.close();
    closing.abort();
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  /** Serves one stream of what `events` makes. @returns how to ask for it */
  const serve = async (
    events: (signal: AbortSignal) => AsyncIterable<ServerSentEvent>,
    limits: Partial<StreamLimits> = {},
  ): Promise<(method?: string) => Promise<EventStream>> => {
    const counted = async function* (signal: AbortSignal) {
      try {
        for await (const event of events(signal)) {
          made += 1;
          yield event;
        }
      } finally {
        ended += 1;
      }
    };
    const all = createOpenStreams(closing.signal, limits);
    const app = express();
    app.get('/', (request, response) =>
      answerWithEvents(request, response, all, (signal) => Promise.resolve(counted(signal))),
    );
    app.use(((error, request, response, _next) => {
      sendProblem(request, response, problemOf(error));
    }) satisfies express.ErrorRequestHandler);
    server = createServer(app);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    return async (method = 'GET') => {
      const stream = await openEventStream({ url: `http://127.0.0.1:${port}/`, method });
      streams.push(stream);
      return stream;
    };
  };

  it('says when to come again, sends each event with its id, and ends', async () => {
    const ask = await serve(async function* () {
      yield tick(1);
      yield await Promise.resolve(tick(2, 'two\nlines'));
    });
    const stream = await ask();
    expect(stream.status).to.equal(200);
    expect(stream.headers).to.deep.include({
      ...{ 'content-type': 'text/event-stream', 'cache-control': 'no-store' },
      'x-accel-buffering': 'no',
    });
    expect(await stream.next()).to.deep.equal(tick(1));
    expect(await stream.next()).to.deep.equal(tick(2, 'two\nlines'));
    expect(await stream.next()).to.equal(undefined);
    expect(await stream.ended).to.equal(true);
    expect(stream.text()).to.match(/^retry: \d+\n\n/);
  });

  it('says now and then that it lives', async () => {
    const stream = await (await serve(one, { heartbeatMs: 5 }))();
    await eventually('it said so', () => stream.text().split(': still here\n\n').length > 3);
    expect(await stream.next()).to.deep.equal(tick(1));
  });

  it('ends when its reader has gone', async () => {
    const stream = await (await serve(one))();
    await stream.next();
    stream.close();
    await eventually('it ended', () => ended === 1);
  });

  it('ends properly when the service stops, and when it has lived long enough', async () => {
    const ask = await serve(one, { lifeMs: 100 });
    const short = await ask();
    expect(await short.ended).to.equal(true);
    const ending = await ask();
    await ending.next();
    closing.abort();
    expect(await ending.ended).to.equal(true);
    expect(ended).to.equal(2);
  });

  it('is refused when too many are open, until one of them ends', async () => {
    const ask = await serve(one, { most: 2 });
    const first = await ask();
    await ask();
    const third = await ask();
    expect(third.status).to.equal(503);
    expect(third.headers['retry-after']).to.equal('2');
    first.close();
    await eventually('there is room', async () => (await ask()).status === 200);
  });

  it('makes no more events than its reader takes, and cuts off one that takes none', async () => {
    const ask = await serve(
      async function* () {
        for (let nth = 0; nth < MANY; nth += 1) yield await Promise.resolve(tick(nth, LARGE));
      },
      { stalledMs: 200 },
    );
    const stream = await ask();
    stream.stall();
    await eventually('it is cut off', () => ended === 1);
    expect(made).to.be.lessThan(MANY / 2);
    stream.close();
    expect(await stream.ended).to.equal(false);
  });

  it('waits for a slow reader, who gets everything', async () => {
    const ask = await serve(async function* () {
      for (let nth = 0; nth < 40; nth += 1) yield await Promise.resolve(tick(nth, LARGE));
    });
    const stream = await ask();
    for (let nth = 0; nth < 40; nth += 1) {
      expect((await stream.next())?.id).to.equal(`t${nth}`);
    }
    expect(await stream.ended).to.equal(true);
  });

  it('has a head alone for HEAD', async () => {
    const stream = await (await serve(one))('HEAD');
    expect(stream.status).to.equal(200);
    expect(stream.headers['content-type']).to.equal('text/event-stream');
    expect(await stream.ended).to.equal(true);
    expect(stream.text()).to.equal('');
    expect(made).to.equal(0);
  });
});
