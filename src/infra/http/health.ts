import { Router } from 'express';
import { noteRoute } from './matchedRoute.js';
import type { ProjectionEngine } from '../../projections/engine/engine.js';

/** How long readiness may take to find out. */
const READY_MS = 2_000;

/** `/healthz`: the process lives. `/readyz`: it can serve: database and log answer and no read model fails. */
export const health = (
  engine: ProjectionEngine,
  ping: (signal: AbortSignal) => Promise<void>,
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
      const failing = projections.filter(({ worker }) => worker.state === 'failing');
      const starting = projections.filter(({ worker }) => worker.state === 'starting');
      response.status(failing.length > 0 ? 503 : 200).json({
        status: failing.length > 0 ? 'failing' : 'ready',
        ...{ database: 'ok', log: 'ok' },
        projections: Object.fromEntries(
          projections.map(({ name, worker, lagEvents }) => [
            name,
            { state: worker.state, lagEvents: Number(lagEvents) },
          ]),
        ),
        starting: starting.length,
      });
    } catch {
      response
        .set('Retry-After', '2')
        .status(503)
        .json({ status: 'failing', ...away });
    }
  });
  return router;
};
