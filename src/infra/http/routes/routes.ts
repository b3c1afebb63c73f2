import type { Route } from '../route.js';
import { accountRoutes } from './accounts.js';
import { collectionRoutes } from './collections.js';
import { jobRoutes } from './jobs/jobs.js';
import { workRoutes } from './jobs/work.js';
import { importRoutes } from './imports.js';
import { libraryRoutes } from './libraries.js';
import { meRoutes } from './me.js';
import { movieRoutes } from './movies.js';
import { operationRoutes } from './operations.js';
import { parkedRoutes } from './parked.js';
import { rebuildRoutes } from './rebuilds/rebuilds.js';
import { tokenRoutes } from './tokens.js';
import { viewingRoutes } from './viewing.js';

/** Every route, documented and served alike. */
export const routes: readonly Route[] = [
  ...movieRoutes,
  ...collectionRoutes,
  ...viewingRoutes,
  ...meRoutes,
  ...libraryRoutes,
  ...importRoutes,
  ...accountRoutes,
  ...tokenRoutes,
  ...operationRoutes,
  ...rebuildRoutes,
  ...parkedRoutes,
  ...jobRoutes,
  ...workRoutes,
];
