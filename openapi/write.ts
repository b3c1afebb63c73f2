import { writeFileSync } from 'node:fs';
import { openApiDocument } from '../src/infra/http/openapi/openapi.js';
import { routes } from '../src/infra/http/routes/routes.js';
import { version } from '../src/infra/version.js';

// Writes what /api/v1/openapi.json answers; a test compares the two.
writeFileSync(
  new URL('openapi.json', import.meta.url),
  `${JSON.stringify(openApiDocument(routes, version), null, 2)}\n`,
);
