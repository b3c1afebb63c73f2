import { Router } from 'express';
import { noteRoute } from './middleware/matchedRoute.js';
import type { MirrorSummary } from '../eventstore/mirror/mirrorHealth.js';
import type { ProjectionEngine, ProjectionStatus } from '../../projections/engine/live/engine.js';

/** How long readiness may take to find out. */
const READY_MS = 2_000;

/** The read models that no process keeps up to date: no projector runs, or none that knows them. */
export const unattendedOf = (statuses: readonly ProjectionStatus[]): readonly string[] =>
  statuses
    .filter(({ worker, here }) => !here && worker.state === 'stopped')
    .map(({ name }) => name);

/**
 * `/healthz`: the process lives. `/readyz`: it can do its part: database and log answer, and no read model fails
 * that it keeps up to date. A log in EventStoreDB is told of by its mirror. Where nobody does that, queries are answered from what is there, and it says so.
 */
export const health = (
  engine: ProjectionEngine,
  ping: (signal: AbortSignal) => Promise<void>,
  mirror: () => MirrorSummary | undefined,
): Router => {
  const router = Router();
  router.get('/healthz', noteRoute('/healthz'), (_, response) => {
    response.set('Cache-Control', 'no-store').json({ status: 'ok' });
  });
  router.get('/readyz', noteRoute('/readyz'), async (_, response) => {
    response.set('Cache-Control', 'no-store');
    // As long as the database is away nobody asked for the log.
    let away: object = { database: 'away' };
    try {
      await ping(AbortSignal.timeout(READY_MS));
      away = { database: 'ok', log: 'away' };
      const projections = await engine.status();
      // What fails elsewhere is for that process to say: what is here can be served all the same.
      const failing = projections.filter(({ worker, here }) => here && worker.state === 'failing');
      const starting = projections.filter(({ worker }) => worker.state === 'starting');
      const unattended = unattendedOf(projections);
      const mirrored = mirror();
      const isFailing = failing.length > 0 || mirrored?.fault !== undefined;
      response.status(isFailing ? 503 : 200).json({
        status: isFailing ? 'failing' : 'ready',
        ...{ database: 'ok', log: mirrored?.fault === undefined ? 'ok' : 'past-gone' },
        ...(mirrored ? { mirror: mirrored } : {}),
        projections: Object.fromEntries(
          projections.map(({ name, worker, lagEvents }) => [
            name,
            { state: worker.state, lagEvents: Number(lagEvents) },
          ]),
        ),
        starting: starting.length,
        unattended,
      });
    } catch {
      const mirrored = mirror();
      response
        .set('Retry-After', '2')
        .status(503)
        .json({ status: 'failing', ...away, ...(mirrored ? { mirror: mirrored } : {}) });
    }
  });
  return router;
};
