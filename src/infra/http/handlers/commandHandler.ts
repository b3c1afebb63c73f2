import { v4 as newUuid, validate as isUuid } from 'uuid';
import type { Request, RequestHandler } from 'express';
import {
  CommandRejected,
  type CommandOutcome,
  type CommandRequest,
  type ExecuteCommand,
} from '../../../commands/command.js';
import { whoSent } from '../middleware/authenticate.js';
import { idempotencyKey, preconditionOf, preferredWait } from './conditions.js';
import { publicPath } from '../middleware/publicAddress.js';
import { malformed, RequestProblem } from '../problems.js';
import { pathParameters, refuseQuery } from './requestBody.js';
import { isRecord } from '../../../domain/record.js';
import type { CommandRoute } from '../route.js';

const TRACEPARENT = /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;

/** Waits until every read model shows a position, at most so many milliseconds; tells whether they do. */
export type AwaitShown = (position: bigint, limitMs: number) => Promise<boolean>;

/**
 * Makes a command of a request, and an answer of its outcome.
 * @param bodyOf what a request brings for the command
 * @param answerMs how long the command may take: whoever waits longer is told to try again
 */
export const commandHandler =
  (
    route: CommandRoute,
    bodyOf: (request: Request) => unknown,
    execute: ExecuteCommand,
    awaitShown: AwaitShown,
    answerMs: number,
  ): RequestHandler =>
  async (request, response) => {
    const parameters = pathParameters(request);
    refuseQuery(request);
    const key = idempotencyKey(request);
    const precondition = preconditionOf(request);
    const body = await bodyOf(request);
    refusePathFields(route, body);
    const traceparent = request.headers.traceparent;
    const correlationId = correlationOf(request.headers['x-correlation-id']);
    // Ahead of the outcome: a refusal and a failure have it as well.
    response.set('X-Correlation-Id', correlationId);
    const outcome = await withinTime(answerMs, (signal) =>
      execute({
        name: route.command,
        // Checked against the command's schema by the command itself, whoever calls it.
        data: route.toData(parameters, body),
        actor: whoSent(request).actor,
        correlationId,
        ...(key === undefined ? {} : { idempotencyKey: key }),
        ...(precondition === undefined ? {} : { precondition }),
        ...(typeof traceparent === 'string' && TRACEPARENT.test(traceparent)
          ? { traceparent }
          : {}),
        signal,
      } as CommandRequest),
    ).catch((error: unknown) => {
      throw inRequestTerms(error, route);
    });
    const wait = preferredWait(request);
    if (wait !== undefined && outcome.position !== undefined) {
      response.set('Preference-Applied', `wait=${wait}`);
      if (!(await awaitShown(outcome.position, wait * 1_000))) {
        response.set('Reellog-Stale', 'true');
      }
    }
    const status = route.success === 201 && !outcome.created ? 200 : route.success;
    response.status(status);
    if (outcome.revision !== undefined) response.set('ETag', `"${outcome.revision}"`);
    if (outcome.position !== undefined) {
      response.set('Reellog-Position', outcome.position.toString());
    }
    if (status === 201 && route.location) {
      response.set('Location', publicPath(request, route.location(outcome.id, parameters)));
    }
    if (status === 204) response.end();
    else response.json(answerOf(outcome));
  };

/** As `AbortSignal.timeout`, whose timers run on after the work is done. */
const withinTime = async <T>(
  limitMs: number,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> => {
  const time = new AbortController();
  const timer = setTimeout(() => {
    time.abort(new DOMException(`no answer within ${limitMs} ms`, 'TimeoutError'));
  }, limitMs);
  try {
    return await work(time.signal);
  } finally {
    clearTimeout(timer);
  }
};

/** What the path says, the body must not say again, perhaps otherwise. @throws {RequestProblem} 400 */
const refusePathFields = ({ pathFields }: CommandRoute, body: unknown): void => {
  const field = isRecord(body) && pathFields.find((name) => Object.hasOwn(body, name));
  if (typeof field !== 'string') return;
  throw new RequestProblem(
    malformed([{ field, message: 'is given by the path: leave it out of the body' }]),
  );
};

/** A refusal that names fields as the client does. */
const inRequestTerms = (error: unknown, { requestField }: CommandRoute): unknown => {
  if (!(error instanceof CommandRejected)) return error;
  const { failure } = error;
  switch (failure.kind) {
    case 'malformed': {
      const errors = failure.errors.map((one) => ({ ...one, field: requestField(one.field) }));
      return new CommandRejected({ ...failure, errors }, { cause: error });
    }
    case 'invalid':
      return new CommandRejected(
        { ...failure, field: requestField(failure.field) },
        { cause: error },
      );
    default:
      return error;
  }
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
