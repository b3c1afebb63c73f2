import type { Request } from 'express';
import type { TSchema } from 'typebox';
import { Uuid } from '../../../domain/schemas.js';
import { validator } from '../../../domain/validation.js';
import { malformed, RequestProblem } from '../problems.js';
import { isRecord } from '../../../domain/record.js';

const isId = validator(Uuid);

/** What the path names; ids in lower case, whatever the client writes. */
export const pathParameters = (request: Request): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(request.params).map(([name, value]) => {
      const text = String(value);
      return [name, isId(text).ok ? text.toLowerCase() : text];
    }),
  );

const badBody = (message: string): RequestProblem =>
  new RequestProblem(malformed([{ field: '', message }]));

/** What says everything by its path and body takes no query string. @throws {RequestProblem} 400 */
export const refuseQuery = (request: Request): void => {
  if (!request.url.includes('?')) return;
  const [field] = Object.keys(request.query);
  if (field === undefined) return;
  throw new RequestProblem(
    malformed([{ field, message: 'is not a known parameter: this request takes none' }]),
  );
};

/** Whether a request may come without a body, or with `null` as clients send it for none. */
export const needsBody = (schema: TSchema | undefined): boolean =>
  schema !== undefined && 'required' in schema;

/** The body of a request; `{}` where it has none, or needs none. @throws {RequestProblem} 400 */
export const requireBody = (request: Request, schema: TSchema | undefined): unknown => {
  const body: unknown = request.body;
  if (body === undefined || (body === null && !needsBody(schema))) return {};
  if (schema === undefined && !(isRecord(body) && Object.keys(body).length === 0)) {
    throw badBody('must have no body');
  }
  if (!isRecord(body)) throw badBody('must have a JSON object as its body');
  return body;
};
