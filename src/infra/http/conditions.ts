import type { Request } from 'express';
import { malformed, RequestProblem } from './problems.js';

const badHeader = (field: string, message: string): RequestProblem =>
  new RequestProblem(malformed([{ field, message }]));

const ETAG = /^(?:W\/)?"[\x21\x23-\x7e]*"$/;
const REVISION = /^"(\d{1,19})"$/;
const POSITION = /^\d{1,19}$/;
const KEY = /^[\x21-\x7e]{1,200}$/;
const LARGEST = 9_223_372_036_854_775_807n;

/** The header's only value; several are a mistake. */
const single = (request: Request, name: string): string | undefined => {
  const value = request.headers[name.toLowerCase()];
  if (Array.isArray(value)) throw badHeader(name, 'is given more than once');
  return value;
};

const int8 = (text: string, header: string): bigint => {
  const value = BigInt(text);
  if (value > LARGEST) throw badHeader(header, 'is too large');
  return value;
};

/** `If-Match: "3"`: the revision the client has seen (RFC 9110 §13.1.1: strong comparison). */
export const expectedRevision = (request: Request): bigint | undefined => {
  const header = single(request, 'If-Match');
  if (header === undefined || header === '*') return undefined;
  const match = REVISION.exec(header);
  if (!match?.[1])
    throw badHeader('If-Match', 'must be one strong ETag with a revision, such as "3"');
  return int8(match[1], 'If-Match');
};

/** `If-None-Match`: whether the client has this answer already (weak comparison, RFC 9110 §13.1.2). */
export const hasAlready = (request: Request, etag: string): boolean => {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  if (header === etag || header === '*') return true;
  return header
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => ETAG.test(tag))
    .some((tag) => tag.replace(/^W\//, '') === etag);
};

/** `Reellog-After: 123`: the position that the answer must show. */
export const afterPosition = (request: Request): bigint | undefined => {
  const header = single(request, 'Reellog-After');
  if (header === undefined) return undefined;
  if (!POSITION.test(header)) throw badHeader('Reellog-After', 'must be a position, such as 123');
  return int8(header, 'Reellog-After');
};

/**
 * `Prefer: wait=5` (RFC 7240 §4.3): how long a command's answer may wait for the read models, in milliseconds.
 * Preferences that mean nothing here are ignored, as the RFC asks.
 */
export const preferredWaitMs = (request: Request): number | undefined => {
  const given = [request.headers.prefer ?? []].flat().join(',');
  const seconds = /(?:^|[,;])\s*wait\s*=\s*"?(\d{1,6})"?\s*(?:$|[,;])/i.exec(given)?.[1];
  return seconds === undefined ? undefined : Number(seconds) * 1_000;
};

/** `Idempotency-Key`: names the request, so that sending it again is safe. */
export const idempotencyKey = (request: Request): string | undefined => {
  const header = single(request, 'Idempotency-Key');
  if (header === undefined) return undefined;
  if (!KEY.test(header)) {
    throw badHeader('Idempotency-Key', 'must be 1 to 200 visible ASCII characters without spaces');
  }
  return header;
};
