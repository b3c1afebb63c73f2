import type { RequestHandler } from 'express';
import { fingerprintOf } from '../../../commands/handling/idempotency.js';
import { isRecord } from '../../../domain/record.js';
import { validator } from '../../../domain/validation.js';
import type { RequestReceipts } from '../../commands/requestReceipts.js';
import { tokenOf, whoSent } from '../middleware/authenticate.js';
import { idempotencyKey, requireMatch } from './conditions.js';
import { publicPath } from '../middleware/publicAddress.js';
import { API_BASE } from '../openapi/openapi.js';
import { malformed, RequestProblem } from '../problems.js';
import { refuseQuery, requireBody } from './requestBody.js';
import { parameterNames, propertiesOf, type PlainRoute, type RouteServices } from '../route.js';

/** Answers a route of the service's own; what changes something, once for each idempotency key. */
export const plainHandler = (
  route: PlainRoute,
  services: RouteServices,
  receipts: RequestReceipts,
): RequestHandler => {
  const takesQuery =
    Object.keys(propertiesOf(route.parameters)).length > parameterNames(route.path).length;
  const checkParameters = validator(route.parameters, { coerce: true });
  const checkBody = route.body === undefined ? undefined : validator(route.body);
  return async (request, response) => {
    if (!takesQuery) refuseQuery(request);
    requireMatch(request);
    const signedIn = whoSent(request);
    const given = { ...(request.query as Record<string, unknown>), ...request.params };
    const parameters = checkParameters(given);
    if (!parameters.ok) throw new RequestProblem(malformed(parameters.errors));
    const body = requireBody(request, route.body);
    const checkedBody = checkBody?.(body);
    if (checkedBody?.ok === false) throw new RequestProblem(malformed(checkedBody.errors));
    const run = () => route.handle({ parameters: parameters.value, body, signedIn, services });
    const key = route.method === 'get' ? undefined : idempotencyKey(request);
    const answer = await (key === undefined
      ? run()
      : receipts.once(
          {
            userId: signedIn.actor.userId,
            key,
            fingerprint: fingerprintOf(route.operationId, { parameters: parameters.value, body }),
          },
          tokenOf(request) ?? '',
          run,
        ));
    response.status(route.success).set('Cache-Control', 'no-store');
    if (route.location && isRecord(answer) && typeof answer.id === 'string') {
      response.location(publicPath(request, `${API_BASE}${route.location(answer.id)}`));
    }
    if (route.success === 204) response.end();
    else response.json(answer);
  };
};
