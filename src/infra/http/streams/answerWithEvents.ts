import { once } from 'node:events';
import type { Request, Response } from 'express';
import type { OpenStreams, StreamLimits } from './openStreams.js';
import type { ServerSentEvent } from '../route.js';

/**
 * Answers with server-sent events until there are no more, the reader has gone, the stream has lived long enough or
 * the service stops. The next one is made when the one before was taken, so that nothing heaps up for a slow reader;
 * one that takes nothing is cut off.
 * @param open makes the events; `undefined` where the reader has had them all
 */
export const answerWithEvents = async (
  request: Request,
  response: Response,
  streams: OpenStreams,
  open: (signal: AbortSignal) => Promise<AsyncIterable<ServerSentEvent> | undefined>,
): Promise<void> => {
  const { limits, closing } = streams;
  const done = streams.open();
  const gone = new AbortController();
  response.once('close', () => {
    gone.abort();
  });
  const lived = setTimeout(() => {
    gone.abort();
  }, limits.lifeMs);
  const signal = AbortSignal.any([gone.signal, closing]);
  try {
    const events = await open(signal);
    response.set('Cache-Control', 'no-store');
    if (!events) {
      response.status(204).end();
      return;
    }
    // Proxies are not to wait for more.
    response.status(200).set('X-Accel-Buffering', 'no');
    // Not by `set`, which adds a charset: this type has none.
    response.setHeader('Content-Type', 'text/event-stream');
    if (request.method !== 'HEAD') await send(response, events, { limits, signal });
    response.end();
  } finally {
    clearTimeout(lived);
    done();
  }
};

const send = async (
  response: Response,
  events: AsyncIterable<ServerSentEvent>,
  { limits, signal }: { readonly limits: StreamLimits; readonly signal: AbortSignal },
): Promise<void> => {
  response.write(`retry: ${limits.retryMs}\n\n`);
  const heartbeat = setInterval(() => {
    // Who has not taken what was sent gets nothing more.
    if (!response.writableNeedDrain) response.write(': still here\n\n');
  }, limits.heartbeatMs);
  try {
    for await (const { id, event, data } of events) {
      response.write(`id: ${id}\nevent: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      if (response.writableNeedDrain && !(await taken(response, limits.stalledMs, signal))) return;
    }
  } finally {
    clearInterval(heartbeat);
  }
};

/** Whether the reader took what was sent; one that does not in time is cut off. */
const taken = async (
  response: Response,
  stalledMs: number,
  signal: AbortSignal,
): Promise<boolean> => {
  const late = new AbortController();
  const timer = setTimeout(() => {
    late.abort();
  }, stalledMs);
  try {
    await once(response, 'drain', { signal: AbortSignal.any([signal, late.signal]) });
    return true;
  } catch {
    response.destroy();
    return false;
  } finally {
    clearTimeout(timer);
  }
};
