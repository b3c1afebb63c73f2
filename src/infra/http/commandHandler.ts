import { v4 as newUuid, validate as isUuid } from 'uuid';
import type { RequestHandler } from 'express';
import type { CommandOutcome, CommandRequest, ExecuteCommand } from '../../commands/command.js';
import { requireScope, whoSent } from './authenticate.js';
import { expectedRevision, idempotencyKey } from './conditions.js';
import { requireBody } from './requestBody.js';
import type { CommandRoute } from './route.js';

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Makes a command of a request, and an answer of its outcome. */
export const commandHandler =
  (route: CommandRoute, execute: ExecuteCommand): RequestHandler =>
  async (request, response) => {
    requireScope(request);
    const parameters = request.params as Readonly<Record<string, string>>;
    const body = requireBody(request, route.body);
    const key = idempotencyKey(request);
    const revision = expectedRevision(request);
    const traceparent = request.headers.traceparent;
    const correlationId = correlationOf(request.headers['x-correlation-id']);
    const outcome = await execute({
      name: route.command,
      // Checked against the command's schema by the command itself, whoever calls it.
      data: route.toData(parameters, body),
      actor: whoSent(request).actor,
      correlationId,
      ...(key === undefined ? {} : { idempotencyKey: key }),
      ...(revision === undefined ? {} : { expectedRevision: revision }),
      ...(typeof traceparent === 'string' && TRACEPARENT.test(traceparent) ? { traceparent } : {}),
    } as CommandRequest);
    const status = route.success === 201 && !outcome.created ? 200 : route.success;
    response.status(status);
    response.set('X-Correlation-Id', correlationId);
    if (outcome.revision !== undefined) response.set('ETag', `"${outcome.revision}"`);
    if (outcome.position !== undefined) {
      response.set('Reellog-Position', outcome.position.toString());
    }
    if (status === 201 && route.location) {
      response.set('Location', route.location(outcome.id, parameters));
    }
    if (status === 204) response.end();
    else response.json(answerOf(outcome));
  };

/** A client's id for everything that this request leads to; ours when it has none. */
const correlationOf = (header: string | string[] | undefined): string =>
  typeof header === 'string' && isUuid(header) ? header.toLowerCase() : newUuid();

/** What clients see of an outcome; positions are text, because they may outgrow a JSON number. */
const answerOf = ({ id, revision, position, appended }: CommandOutcome) => ({
  id,
  ...(revision === undefined ? {} : { revision: Number(revision) }),
  ...(position === undefined ? {} : { position: position.toString() }),
  changed: appended > 0,
});
