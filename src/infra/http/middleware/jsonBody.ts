import express, { type Request, type RequestHandler } from 'express';
import { problem, RequestProblem } from '../problems.js';

const TYPES = ['application/json', 'application/*+json'];
const CHARSET = /;\s*charset\s*=\s*"?([^\s;"]+)/i;
/** UTF-8 as clients call it (RFC 8259 §8.1 knows no other encoding), and what is a part of it. */
const UTF_8 = ['utf-8', 'utf8', 'us-ascii', 'ascii'];
const utf8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads the body of a request as JSON into `request.body`; `undefined` where it has none, whatever its headers say
 * of it.
 * @param bodyBytes its size at most
 */
export const jsonBody = (bodyBytes: number): readonly RequestHandler[] => [
  express.raw({ limit: bodyBytes, type: () => true }),
  (request, _, next) => {
    const bytes: unknown = request.body;
    request.body = Buffer.isBuffer(bytes) && bytes.length > 0 ? jsonOf(request, bytes) : undefined;
    next();
  },
];

/** @throws {RequestProblem} 400, 415 */
const jsonOf = (request: Request, bytes: Buffer): unknown => {
  if (request.is(TYPES) === false) {
    throw unsupported('Send the body as JSON, with the header Content-Type: application/json.');
  }
  const [, charset = 'utf-8'] = CHARSET.exec(request.headers['content-type'] ?? '') ?? [];
  if (!UTF_8.includes(charset.toLowerCase())) throw unsupported('Send the body in UTF-8.');
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw notJson('The body is not valid UTF-8.', cause);
  }
  try {
    return JSON.parse(text);
  } catch (cause) {
    const why = cause instanceof Error ? `: ${cause.message}` : '';
    throw notJson(`The body is not valid JSON${why}.`, cause);
  }
};

const unsupported = (detail: string): RequestProblem =>
  new RequestProblem(problem(415, 'unsupported-media-type', detail));

const notJson = (detail: string, cause: unknown): RequestProblem =>
  new RequestProblem(problem(400, 'invalid-json', detail), { cause });
