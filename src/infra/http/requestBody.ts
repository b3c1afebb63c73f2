import type { Request } from 'express';
import type { TSchema } from 'typebox';
import { problem, RequestProblem } from './problems.js';

const notAnObject = (message: string): RequestProblem =>
  new RequestProblem({
    ...problem(400, 'malformed', `The body ${message}.`),
    errors: [{ field: '', message }],
  });

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
      throw notAnObject('must be empty: this request says everything by its path');
    }
    return {};
  }
  if (!sent) return {};
  if (!isObject(body)) throw notAnObject('must be a JSON object');
  return body;
};

const isObject = (value: unknown): value is object =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const hasContent = (request: Request): boolean =>
  request.headers['transfer-encoding'] !== undefined ||
  (request.headers['content-length'] !== undefined && request.headers['content-length'] !== '0');
