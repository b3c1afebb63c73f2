import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { TLSSocket } from 'node:tls';

import { expected } from '../log/commits/commitCheck.js';
import type { EventLogDouble } from '../log/eventLog.js';
import type { ProposedEvent } from '../log/eventRecord.js';

/** What an HTTP request is answered with. */
export interface HttpAnswer {
  readonly code: number;
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

const batchType = 'application/vnd.eventstore.events+json';

/** The stream that a request is for, and the id of its event where the address has one. */
export interface Target {
  readonly stream: string;
  readonly id?: string;
}

const badRequest = (reason: string): HttpAnswer => ({ code: 400, reason });

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;

const json = (value: unknown): Uint8Array =>
  value === undefined ? new Uint8Array() : Buffer.from(JSON.stringify(value));

const parse = (body: Buffer): unknown => {
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
};

/** Several events in one request bring their ids and types along. */
const eventsOf = (body: Buffer): readonly ProposedEvent[] | undefined => {
  const entries = parse(body);
  if (!Array.isArray(entries)) return undefined;
  const events = entries.flatMap((entry: unknown): readonly ProposedEvent[] => {
    if (!isRecord(entry)) return [];
    const { eventId, eventType, data, metadata } = entry;
    if (typeof eventId !== 'string' || typeof eventType !== 'string') return [];
    return [
      { id: eventId, type: eventType, isJson: true, data: json(data), metadata: json(metadata) },
    ];
  });
  return events.length === entries.length ? events : undefined;
};

const headerOf = ({ headers }: IncomingMessage, name: string): string | undefined =>
  [headers[name]].flat()[0];

const numberOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined;

/** Where a client shall post again, so that doing so twice appends once. */
const forward = (request: IncomingMessage, stream: string): HttpAnswer => {
  const scheme = request.socket instanceof TLSSocket ? 'https' : 'http';
  const host = request.headers.host ?? '';
  const path = `/streams/${encodeURIComponent(stream)}/incoming/${randomUUID()}`;
  return {
    code: 307,
    reason: 'Temporary Redirect',
    headers: { location: `${scheme}://${host}${path}`, 'content-type': 'text/plain' },
    body: 'Forwarding to idempotent URI',
  };
};

/** The events of a request, or what is wrong with it. */
const readEvents = (
  request: IncomingMessage,
  body: Buffer,
  { stream, id }: Target,
): readonly ProposedEvent[] | HttpAnswer => {
  const [contentType] = (headerOf(request, 'content-type') ?? '').split(';');
  if (contentType === batchType) {
    return eventsOf(body) ?? badRequest('Write request body invalid.');
  }
  const type = headerOf(request, 'es-eventtype');
  if (type === undefined) {
    return badRequest(
      'Must include an event type with the request either in body or as ES-EventType header.',
    );
  }
  const eventId = id ?? headerOf(request, 'es-eventid');
  if (eventId === undefined) return forward(request, stream);
  const isJson = contentType === 'application/json';
  return [{ id: eventId, type, isJson, data: body, metadata: new Uint8Array() }];
};

/** Appends what was posted: `AtomController.PostEvents`. */
export const postEvents = (
  log: EventLogDouble,
  request: IncomingMessage,
  body: Buffer,
  target: Target,
): HttpAnswer => {
  const { stream } = target;
  const events = readEvents(request, body, target);
  if ('code' in events) return events;
  const version = numberOf(headerOf(request, 'es-expectedversion'));
  const outcome = log.append(stream, version ?? expected.any, events);
  switch (outcome.kind) {
    case 'written': {
      const first = outcome.revision - events.length + 1;
      const location = `/streams/${encodeURIComponent(stream)}/${String(first)}`;
      return { code: 201, reason: 'Created', headers: { location } };
    }
    case 'wrongExpectedVersion':
      return {
        code: 400,
        reason: 'Wrong expected EventNumber',
        headers: { 'es-currentversion': String(outcome.current) },
      };
    case 'streamDeleted':
      return { code: 410, reason: 'Stream deleted' };
    case 'notReplicated':
      return { code: 500, reason: 'Write timeout' };
  }
};

/** The data of one event: `AtomController.GetStreamEvent`, asked for JSON. */
export const getEvent = (log: EventLogDouble, stream: string, revision: number): HttpAnswer => {
  const page = log.readStreamForwards(stream, revision, 1);
  const [event] = page.kind === 'events' ? page.events : [];
  if (event?.revision !== revision) return { code: 404, reason: 'Not Found' };
  const type = event.isJson ? 'application/json' : 'application/octet-stream';
  return { code: 200, reason: 'OK', headers: { 'content-type': type }, body: event.data };
};
