import type { Request } from 'express';
import type { TSchema } from 'typebox';
import { malformed, problem, RequestProblem } from './problems.js';

const badBody = (message: string): RequestProblem =>
  new RequestProblem(malformed([{ field: '', message }]));

/** What says everything by its path and body takes no query string. @throws {RequestProblem} 400 */
export const refuseQuery = (request: Request): void => {
  if (!request.url.includes('?')) return;
  const [field] = Object.keys(request.query);
  if (field === undefined) return;
  throw new RequestProblem(malformed([{ field, message: 'is not a known parameter' }]));
};

/** The parsed JSON body; `{}` where the request has none and needs none. @throws {RequestProblem} 400, 415 */
export const requireBody = (request: Request, schema: TSchema | undefined): unknown => {
  const body: unknown = request.body;
  const sent = hasContent(request);
  if (sent && body === undefined) {
    throw new RequestProblem(
      problem(415, 'unsupported-media-type', 'Send the body as application/json.'),
    );
  }
  if (schema === undefined) {
    if (sent && !(isObject(body) && Object.keys(body).length === 0)) {
      throw badBody('must have no body: its path says everything');
    }
    return {};
  }
  if (!sent) return {};
  if (!isObject(body)) throw badBody('must have a JSON object as its body');
  return body;
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasContent = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined ||
  (request.headers['content-length'] !== undefined && request.headers['content-length'] !== '0');
