import { Type } from 'typebox';
import { Instant, SAYS } from '../../../../domain/schemas.js';
import { STATES, type WaitingWork } from '../../../jobs/queue/waitingWork.js';
import { problem, RequestProblem } from '../../problems.js';
import { plainRoute, type Route, type RouteServices } from '../../route.js';

const strict = { additionalProperties: false } as const;

const work = Type.Object(
  {
    id: Type.String(),
    what: Type.String({ description: 'What is to be done, and to what: `enrich-movie:<film>`.' }),
    state: Type.Enum([...STATES], {
      description: '`failed`: it was tried often enough, and is left to you.',
    }),
    attempts: Type.Integer(),
    runAt: Type.Optional(Instant),
    error: Type.Optional(Type.String({ description: 'Why the last attempt failed.' })),
  },
  strict,
);

const parameters = Type.Object({
  workId: Type.String({
    pattern: '^[0-9]{1,18}$',
    [SAYS]: 'must be the id of work, such as 12',
  }),
});

const ofWork = { tag: 'Operations', requires: { role: 'admin', scope: 'admin' } } as const;

const workView = ({ id, what, state, attempts, runAt, error }: WaitingWork) => ({
  ...{ id: id.toString(), what, state, attempts },
  ...(state === 'failed' ? {} : { runAt: runAt.toISOString() }),
  ...(error === null ? {} : { error }),
});

/** @throws {RequestProblem} 404 */
const found = async ({ queuedWork }: RouteServices, id: bigint): Promise<WaitingWork> => {
  const there = await queuedWork.find(id);
  if (there) return there;
  throw new RequestProblem(problem(404, 'not-found', 'There is no such work, or it is done.'));
};

/** @throws {RequestProblem} 404, or 409 where somebody has it in hand */
const change = async (
  services: RouteServices,
  name: 'retry' | 'discard',
  id: bigint,
): Promise<void> => {
  await found(services, id);
  if ((await services.queuedWork[name]([id])) === 1) return;
  await found(services, id);
  throw new RequestProblem(problem(409, 'conflict', 'The work is being done at this moment.'));
};

const count = Type.Object({ count: Type.Integer({ minimum: 0 }) }, strict);

/** Work that waits for others in the queue, and what admins do about what failed. */
export const workRoutes: readonly Route[] = [
  plainRoute({
    ...ofWork,
    method: 'get',
    path: '/work',
    operationId: 'listWork',
    summary: 'The work in the queue, that which failed first (owners and admins)',
    parameters: Type.Object(
      {
        failed: Type.Optional(Type.Boolean({ description: 'Only what failed for good.' })),
        limit: Type.Integer({ minimum: 1, maximum: 200, default: 50 }),
      },
      strict,
    ),
    success: 200,
    answer: Type.Object(
      {
        counts: Type.Object(
          Object.fromEntries(STATES.map((state) => [state, Type.Integer({ minimum: 0 })])),
          strict,
        ),
        work: Type.Array(work),
      },
      strict,
    ),
    handle: async ({ services: { queuedWork }, parameters: { failed = false, limit } }) => ({
      counts: Object.fromEntries(await queuedWork.counts()),
      work: (await queuedWork.list({ failed, limit })).map(workView),
    }),
  }),
  plainRoute({
    ...ofWork,
    method: 'post',
    path: '/work/retry',
    operationId: 'retryFailedWork',
    summary: 'Try all work again that failed for good (owners and admins)',
    success: 200,
    answer: count,
    handle: async ({ services }) => ({ count: await services.queuedWork.retry(undefined) }),
  }),
  plainRoute({
    ...ofWork,
    method: 'post',
    path: '/work/discard',
    operationId: 'discardFailedWork',
    summary: 'Take all work out of the queue that failed for good (owners and admins)',
    success: 200,
    answer: count,
    handle: async ({ services }) => ({ count: await services.queuedWork.discard(undefined) }),
  }),
  plainRoute({
    ...ofWork,
    method: 'post',
    path: '/work/{workId}/retry',
    operationId: 'retryWork',
    summary: 'Try a piece of work again now (owners and admins)',
    parameters,
    success: 200,
    answer: work,
    handle: async ({ services, parameters: { workId } }) => {
      const before = await found(services, BigInt(workId));
      await change(services, 'retry', before.id);
      // It may be done by now.
      return workView((await services.queuedWork.find(before.id)) ?? before);
    },
  }),
  plainRoute({
    ...ofWork,
    method: 'post',
    path: '/work/{workId}/discard',
    operationId: 'discardWork',
    summary: 'Take a piece of work out of the queue for good (owners and admins)',
    parameters,
    success: 204,
    handle: async ({ services, parameters: { workId } }) => {
      await change(services, 'discard', BigInt(workId));
    },
  }),
];
