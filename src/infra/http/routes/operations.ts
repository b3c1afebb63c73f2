import { Type } from 'typebox';
import { unattendedOf } from '../health.js';
import { plainRoute, type Route } from '../route.js';

/** What operators look at. */
export const operationRoutes: readonly Route[] = [
  plainRoute({
    method: 'get',
    path: '/projections',
    operationId: 'listProjections',
    summary: 'How the read models are (owners and admins)',
    tag: 'Operations',
    requires: { role: 'admin', scope: 'admin' },
    success: 200,
    answer: Type.Object({
      unattended: Type.Array(Type.String(), {
        description: 'Read models that no process keeps up to date: they stand still.',
      }),
      projections: Type.Array(
        Type.Object(
          {
            name: Type.String(),
            version: Type.Integer(),
            schema: Type.String({
              description: 'Where its rows are in the database: somewhere else after each rebuild.',
            }),
            state: Type.String(),
            error: Type.Optional(Type.String()),
            position: Type.String(),
            lagEvents: Type.String(),
            lagSeconds: Type.Number(),
            eventsPerSecond: Type.Number(),
            parked: Type.Integer({
              description: 'Events that are missing in its rows: they could not be projected.',
            }),
          },
          { additionalProperties: false },
        ),
      ),
    }),
    handle: async ({ services }) => {
      const statuses = await services.engine.status();
      return {
        unattended: [...unattendedOf(statuses)],
        projections: statuses.map((status) => ({
          name: status.name,
          version: status.version,
          schema: status.schema,
          state: status.worker.state,
          ...(status.worker.state === 'failing' ? { error: status.worker.error } : {}),
          position: status.position.toString(),
          lagEvents: status.lagEvents.toString(),
          lagSeconds: status.lagSeconds,
          eventsPerSecond: Math.round(status.rate * 10) / 10,
          parked: status.parked,
        })),
      };
    },
  }),
];
