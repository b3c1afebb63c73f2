import type { RequestHandler } from 'express';
import { validator } from '../../../domain/validation.js';
import type { OpenStreams } from './openStreams.js';
import { malformed, RequestProblem } from '../problems.js';
import { pathParameters, refuseQuery } from '../handlers/requestBody.js';
import type { RouteServices, StreamRoute } from '../route.js';
import { answerWithEvents } from './answerWithEvents.js';

/** Answers a route with a stream of events. */
export const streamHandler = (
  route: StreamRoute,
  services: RouteServices,
  streams: OpenStreams,
): RequestHandler => {
  const checkParameters = validator(route.parameters);
  return async (request, response) => {
    refuseQuery(request);
    const parameters = pathParameters(request);
    const checked = checkParameters(parameters);
    if (!checked.ok) throw new RequestProblem(malformed(checked.errors));
    await answerWithEvents(request, response, streams, (signal) =>
      route.open({
        parameters,
        lastEventId: request.get('last-event-id'),
        ...{ signal, services },
      }),
    );
  };
};
