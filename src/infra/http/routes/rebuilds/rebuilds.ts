import { Type } from 'typebox';
import { SAYS } from '../../../../domain/schemas.js';
import { isUnderWay, type Rebuild } from '../../../../projections/ports/rebuildStore.js';
import { problem, RequestProblem } from '../../problems.js';
import { plainRoute, streamRoute, type Route, type RouteServices } from '../../route.js';
import { rebuildEvents } from './rebuildEvents.js';
import { RebuildAnswer, rebuildAnswer, WatchedRebuildAnswer } from './rebuildAnswers.js';

const tag = 'Operations';
const requires = { role: 'admin', scope: 'admin' } as const;

const Name = Type.String({
  pattern: '^[a-z][a-z0-9_]{0,50}$',
  [SAYS]: 'must be the name of a projection, such as stats',
});
const RebuildId = Type.String({
  pattern: '^[1-9][0-9]{0,17}$',
  [SAYS]: 'must be the id of a rebuild, such as 12',
});
const parameters = Type.Object({ rebuildId: RebuildId });
/** How many events a second may be read at most. */
const Limit = Type.Integer({ minimum: 1, maximum: 2_147_483_647 });

const location = (id: string): string => `/rebuilds/${id}`;

type Parameters = Readonly<Record<string, string>>;

const find = async (
  { rebuilds }: RouteServices,
  { rebuildId = '' }: Parameters,
): Promise<Rebuild> => {
  const rebuild = await rebuilds.find(BigInt(rebuildId));
  if (!rebuild) throw new RequestProblem(problem(404, 'not-found', 'There is no such rebuild.'));
  return rebuild;
};

const conflict = (detail: string): RequestProblem =>
  new RequestProblem(problem(409, 'conflict', detail));

const findUnderWay = async (services: RouteServices, given: Parameters): Promise<Rebuild> => {
  const rebuild = await find(services, given);
  if (!isUnderWay(rebuild))
    throw conflict(`This rebuild is not under way: it is ${rebuild.state}.`);
  return rebuild;
};

const findRetired = async (services: RouteServices, given: Parameters): Promise<Rebuild> => {
  const rebuild = await find(services, given);
  if (rebuild.state !== 'retired') throw conflict(`These rows are not retired: ${rebuild.state}.`);
  return rebuild;
};

/** Read models made anew while the old ones serve. */
export const rebuildRoutes: readonly Route[] = [
  plainRoute({
    method: 'post',
    path: '/projections/{name}/rebuilds',
    operationId: 'requestRebuild',
    summary: 'Rebuild a read model while the old one serves (owners and admins)',
    ...{ tag, requires, location },
    success: 202,
    parameters: Type.Object({ name: Name }),
    body: Type.Object({ eventsPerSecond: Type.Optional(Limit) }, { additionalProperties: false }),
    answer: RebuildAnswer,
    handle: async ({ parameters: { name }, body, signedIn, services }) => {
      const requestedBy = signedIn.actor.userId;
      const [rebuild] = await services.rebuilds.request([name], { requestedBy, ...body });
      if (!rebuild) throw new Error(`the rebuild of ${name} was not asked for`);
      return rebuildAnswer(rebuild);
    },
  }),
  plainRoute({
    method: 'get',
    path: '/rebuilds',
    operationId: 'listRebuilds',
    summary: 'The rebuilds, first those under way (owners and admins)',
    ...{ tag, requires },
    success: 200,
    answer: Type.Object({ rebuilds: Type.Array(RebuildAnswer) }, { additionalProperties: false }),
    handle: async ({ services }) => ({
      rebuilds: (await services.rebuilds.list()).map(rebuildAnswer),
    }),
  }),
  streamRoute({
    path: '/rebuilds/progress',
    operationId: 'followRebuilds',
    summary: 'Progress of all rebuilds until none is under way (owners and admins)',
    ...{ tag, requires },
    parameters: Type.Object({}),
    events: {
      progress: Type.Object({ rebuilds: Type.Array(WatchedRebuildAnswer) }),
      ended: Type.Object({ rebuilds: Type.Array(WatchedRebuildAnswer) }),
    },
    open: async ({ services: { rebuilds, rebuildWatch }, lastEventId, signal }) =>
      rebuildEvents(await rebuilds.list(), () => rebuildWatch.states(signal), {
        lastEventId,
        data: (all) => ({ rebuilds: all }),
      }),
  }),
  plainRoute({
    method: 'get',
    path: '/rebuilds/{rebuildId}',
    operationId: 'getRebuild',
    summary: 'One rebuild (owners and admins)',
    ...{ tag, requires, parameters },
    success: 200,
    answer: RebuildAnswer,
    handle: async ({ services, parameters: given }) => rebuildAnswer(await find(services, given)),
  }),
  plainRoute({
    method: 'patch',
    path: '/rebuilds/{rebuildId}',
    operationId: 'throttleRebuild',
    summary: 'Set how many events a second a rebuild reads; null: all it can (owners and admins)',
    ...{ tag, requires, parameters },
    success: 200,
    body: Type.Object(
      { eventsPerSecond: Type.Union([Limit, Type.Null()]) },
      { additionalProperties: false },
    ),
    answer: RebuildAnswer,
    handle: async ({ services, parameters: given, body: { eventsPerSecond } }) => {
      const { name } = await findUnderWay(services, given);
      await services.rebuilds.throttle(name, eventsPerSecond ?? undefined);
      return rebuildAnswer(await find(services, given));
    },
  }),
  plainRoute({
    method: 'post',
    path: '/rebuilds/{rebuildId}/cancel',
    operationId: 'cancelRebuild',
    summary: 'Cancel a rebuild; the old one goes on serving (owners and admins)',
    ...{ tag, requires, parameters, location },
    success: 202,
    answer: RebuildAnswer,
    handle: async ({ services, parameters: given }) => {
      const { name } = await findUnderWay(services, given);
      await services.rebuilds.cancel(name);
      return rebuildAnswer(await find(services, given));
    },
  }),
  plainRoute({
    method: 'post',
    path: '/rebuilds/{rebuildId}/roll-back',
    operationId: 'rollBackRebuild',
    summary: 'Serve retired rows again, brought up to date (owners and admins)',
    ...{ tag, requires, parameters, location },
    success: 202,
    answer: RebuildAnswer,
    handle: async ({ services, parameters: given, signedIn }) => {
      const { name } = await findRetired(services, given);
      const requestedBy = signedIn.actor.userId;
      return rebuildAnswer(await services.rebuilds.rollBack(name, { requestedBy }));
    },
  }),
  plainRoute({
    method: 'delete',
    path: '/rebuilds/{rebuildId}',
    operationId: 'dropRebuild',
    summary: 'Drop retired rows: there is no going back to them (owners and admins)',
    ...{ tag, requires, parameters },
    success: 204,
    handle: async ({ services, parameters: given }) => {
      const { name } = await findRetired(services, given);
      await services.rebuilds.drop(name);
    },
  }),
  streamRoute({
    path: '/rebuilds/{rebuildId}/progress',
    operationId: 'followRebuild',
    summary: 'Progress of one rebuild until it has ended (owners and admins)',
    ...{ tag, requires, parameters },
    events: { progress: WatchedRebuildAnswer, ended: WatchedRebuildAnswer },
    open: async ({ services, parameters: given, lastEventId, signal }) => {
      const rebuild = await find(services, given);
      return rebuildEvents([rebuild], () => services.rebuildWatch.states(signal), {
        only: rebuild.id,
        lastEventId,
        data: ([rebuild]) => rebuild,
      });
    },
  }),
];
