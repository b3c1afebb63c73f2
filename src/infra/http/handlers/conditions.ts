import type { Request } from 'express';
import { LONGEST_WAIT_MS } from '../../../queries/queries.js';
import { malformed, problem, RequestProblem } from '../problems.js';

const badHeader = (field: string, message: string): RequestProblem =>
  new RequestProblem(malformed([{ field, message }]));

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

/** An ETag as it is written: `W/"…"` or `"…"`; what is in the quotes may hold commas (RFC 9110 §8.8.3). */
const TAG = /(W\/)?"([\x21\x23-\x7e\x80-\xff]*)"/;
/** Empty elements count for nothing (RFC 9110 §5.6.1). */
const TAGS = new RegExp(`^[\\t ,]*(?:${TAG.source}[\\t ]*(?:,[\\t ,]*|$))*$`);
const EACH_TAG = new RegExp(TAG, 'g');

interface EntityTag {
  readonly weak: boolean;
  readonly opaque: string;
}

/** The header's ETags, or `*` for any; `undefined` where it is neither. */
const entityTags = (header: string): readonly EntityTag[] | '*' | undefined => {
  if (header.trim() === '*') return '*';
  if (!TAGS.test(header)) return undefined;
  return [...header.matchAll(EACH_TAG)].map(([, weak, opaque = '']) => ({
    weak: weak !== undefined,
    opaque,
  }));
};

/** A header of ETags on a change. @throws {RequestProblem} 400 */
const tagsOf = (
  request: Request,
  name: 'If-Match' | 'If-None-Match',
): ReturnType<typeof entityTags> => {
  const header = request.headers[name === 'If-Match' ? 'if-match' : 'if-none-match'];
  if (header === undefined) return undefined;
  const tags = entityTags(header);
  if (!tags) throw badHeader(name, 'must be * or ETags in double quotes, such as "3"');
  return tags;
};

/**
 * `If-Match` and `If-None-Match` of a change (RFC 9110 §13.1.1, §13.1.2): whether what is changed may be at this
 * revision. A weak ETag never meets `If-Match`, nor does one that is no revision.
 * @throws {RequestProblem} 400
 */
export const preconditionOf = (
  request: Request,
): ((revision: bigint | undefined) => boolean) | undefined => {
  const wanted = tagsOf(request, 'If-Match');
  const unwanted = tagsOf(request, 'If-None-Match');
  if (wanted === undefined && unwanted === undefined) return undefined;
  return (revision) => {
    const names = (tags: readonly EntityTag[] | '*', strong: boolean): boolean =>
      revision !== undefined &&
      (tags === '*' ||
        tags.some(({ weak, opaque }) => opaque === String(revision) && !(strong && weak)));
    return (
      (wanted === undefined || names(wanted, true)) &&
      (unwanted === undefined || !names(unwanted, false))
    );
  };
};

/**
 * `If-Match` of what has no revision, or none but its ETag (RFC 9110 §13.1.1).
 * @param etag of what is there; absent where that has none
 * @throws {RequestProblem} 400; 412 where the header names other ETags
 */
export const requireMatch = (request: Request, etag?: string): void => {
  const tags = tagsOf(request, 'If-Match');
  if (tags === undefined || tags === '*') return;
  if (tags.some(({ weak, opaque }) => !weak && `"${opaque}"` === etag)) return;
  const detail =
    etag === undefined
      ? 'This has no ETag: leave If-Match out, or send If-Match: *.'
      : `If-Match does not name the ETag of the answer, which is ${etag}.`;
  throw new RequestProblem(problem(412, 'revision-mismatch', detail));
};

/** `If-None-Match` of a read: whether the client has this answer already (weak comparison, RFC 9110 §13.1.2). */
export const hasAlready = (request: Request, etag: string): boolean => {
  const header = request.headers['if-none-match'];
  if (header === undefined) return false;
  if (header === etag) return true;
  const tags = entityTags(header) ?? [];
  return tags === '*' || tags.some(({ opaque }) => `"${opaque}"` === etag);
};

/** `Reellog-After: 123`: the position that the answer must show. */
export const afterPosition = (request: Request): bigint | undefined => {
  const header = single(request, 'Reellog-After');
  if (header === undefined) return undefined;
  if (!POSITION.test(header)) throw badHeader('Reellog-After', 'must be a position, such as 123');
  return int8(header, 'Reellog-After');
};

/** Of a list: up to a comma that is not in quotes. */
const ELEMENT = /(?:[^,"]|"(?:[^"\\]|\\.)*"?)+/g;
const WAIT = /^[\t ]*wait[\t ]*=[\t ]*(?:(\d{1,9})|"(\d{1,9})")[\t ]*(?:;|$)/i;

/**
 * `Prefer: wait=5` (RFC 7240 §4.3): how long a command's answer waits for the read models at most, in seconds, and
 * never longer than it ever waits. Preferences that mean nothing here are ignored, as the RFC asks.
 */
export const preferredWait = (request: Request): number | undefined => {
  const given = [request.headers.prefer ?? []].flat().join(',');
  for (const element of given.match(ELEMENT) ?? []) {
    const [, bare, quoted] = WAIT.exec(element) ?? [];
    const seconds = bare ?? quoted;
    if (seconds !== undefined) return Math.min(Number(seconds), LONGEST_WAIT_MS / 1_000);
  }
  return undefined;
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
