import { Type } from 'typebox';
import type { ParkedRefusal } from '../../../projections/ports/parking.js';
import { Name, SAYS } from '../../../domain/schemas.js';
import { parkedInFull, parkedView, refusals } from '../../readModels/parking/parkedView.js';
import { problem, RequestProblem } from '../problems.js';
import { plainRoute, type Route, type RouteServices } from '../route.js';

const strict = { additionalProperties: false } as const;

const summary = {
  id: Type.String(),
  projection: Type.String(),
  version: Type.Integer(),
  state: Type.Union([
    Type.Literal('parked'),
    Type.Literal('applied'),
    Type.Literal('rebuilt'),
    Type.Literal('discarded'),
  ]),
  position: Type.String(),
  type: Type.String(),
  stream: Type.String(),
  revision: Type.String(),
  eventId: Type.String(),
  recordedAt: Type.String(),
  attempts: Type.Integer(),
  error: Type.Optional(Type.String()),
  firstFailedAt: Type.Optional(Type.String()),
  lastFailedAt: Type.Optional(Type.String()),
  parkedAt: Type.Optional(Type.String()),
  settledAt: Type.Optional(Type.String()),
};

const act = Type.Object(
  {
    at: Type.String(),
    actor: Type.String(),
    act: Type.String(),
    outcome: Type.String(),
    detail: Type.Optional(Type.String()),
  },
  strict,
);

const inFull = Type.Object(
  { ...summary, detail: Type.Optional(Type.String()), acts: Type.Array(act) },
  strict,
);

const parameters = Type.Object({
  parkedId: Type.String({
    pattern: '^[0-9]{1,18}$',
    [SAYS]: 'must be the id of a parked event, such as 12',
  }),
});

const requires = { role: 'admin', scope: 'admin' } as const;

const asOne = { tag: 'Operations', requires, success: 200, parameters } as const;

const shown = async ({ parked }: RouteServices, id: string | undefined) => {
  const found = await parked.show(BigInt(id ?? 0));
  if (found) return parkedInFull(found.parked, found.acts);
  throw new RequestProblem(problem(404, 'not-found', 'There is no such parked event.'));
};

const conflict = (why: ParkedRefusal): RequestProblem =>
  new RequestProblem(problem(409, 'conflict', refusals[why]));

/** Events that read models could not be given, and what admins do about them. */
export const parkedRoutes: readonly Route[] = [
  plainRoute({
    method: 'get',
    path: '/parked',
    operationId: 'listParked',
    summary: 'The events that are missing in the rows of read models (owners and admins)',
    tag: 'Operations',
    requires,
    success: 200,
    answer: Type.Object({ parked: Type.Array(Type.Object(summary, strict)) }, strict),
    handle: async ({ services }) => ({ parked: (await services.parked.list()).map(parkedView) }),
  }),
  plainRoute({
    ...asOne,
    method: 'get',
    path: '/parked/{parkedId}',
    operationId: 'getParked',
    summary: 'A parked event with its error and what was done about it (owners and admins)',
    answer: inFull,
    handle: ({ services, parameters: { parkedId } }) => shown(services, parkedId),
  }),
  plainRoute({
    ...asOne,
    method: 'post',
    path: '/parked/{parkedId}/retry',
    operationId: 'retryParked',
    summary: 'Project a parked event now, after those behind it (owners and admins)',
    answer: inFull,
    handle: async ({ services, signedIn, parameters: { parkedId } }) => {
      const { id } = await shown(services, parkedId);
      const result = await services.parked.retry(BigInt(id), `user:${signedIn.actor.userId}`);
      if (result.outcome === 'refused') throw conflict(result.why);
      return shown(services, id);
    },
  }),
  plainRoute({
    ...asOne,
    method: 'post',
    path: '/parked/{parkedId}/discard',
    operationId: 'discardParked',
    summary: 'Leave a parked event out of its read model for good (owners and admins)',
    body: Type.Object({ reason: Name(1_000) }, strict),
    answer: inFull,
    handle: async ({ services, signedIn, body: { reason }, parameters: { parkedId } }) => {
      const { id } = await shown(services, parkedId);
      const actor = `user:${signedIn.actor.userId}`;
      const outcome = await services.parked.discard(BigInt(id), { actor, reason });
      if (outcome !== 'discarded') throw conflict(outcome);
      return shown(services, id);
    },
  }),
];
