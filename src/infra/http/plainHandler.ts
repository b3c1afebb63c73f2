import type { RequestHandler } from 'express';
import { validator } from '../../domain/validation.js';
import { whoSent } from './authenticate.js';
import { requireMatch } from './conditions.js';
import { API_BASE } from './openapi.js';
import { malformed, RequestProblem } from './problems.js';
import { pathParameters, refuseQuery, requireBody } from './requestBody.js';
import { isRecord, type PlainRoute, type RouteServices } from './route.js';

/** Answers a route of the service's own. */
export const plainHandler = (route: PlainRoute, services: RouteServices): RequestHandler => {
  const checkParameters = validator(route.parameters);
  const checkBody = route.body === undefined ? undefined : validator(route.body);
  return async (request, response) => {
    refuseQuery(request);
    requireMatch(request);
    const signedIn = whoSent(request);
    const parameters = pathParameters(request);
    const body = requireBody(request, route.body);
    const checkedBody = checkBody?.(body) ?? ({ ok: true, value: {} } as const);
    for (const checked of [checkParameters(parameters), checkedBody]) {
      if (!checked.ok) throw new RequestProblem(malformed(checked.errors));
    }
    const answer = await route.handle({
      parameters,
      body,
      signedIn,
      services,
    });
    response.status(route.success).set('Cache-Control', 'no-store');
    if (route.location && isRecord(answer) && typeof answer.id === 'string') {
      response.location(`${API_BASE}${route.location(answer.id)}`);
    }
    if (route.success === 204) response.end();
    else response.json(answer);
  };
};
