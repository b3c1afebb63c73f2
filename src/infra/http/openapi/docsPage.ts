import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { Router } from 'express';
import helmet from 'helmet';
import type { PublicAddress } from '../middleware/publicAddress.js';
import { API_BASE } from './openapi.js';

const assets = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

const page = (path: string): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Reellog API</title>
    <link rel="stylesheet" href="${path}/docs/swagger-ui.css">
  </head>
  <body>
    <div id="swagger-ui"></div>
    <script src="${path}/docs/swagger-ui-bundle.js"></script>
    <script src="${path}/docs/start.js"></script>
  </body>
</html>
`;

const start = (path: string): string => `SwaggerUIBundle({
  url: '${path}${API_BASE}/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: true,
  tryItOutEnabled: true,
  validatorUrl: null,
});
`;

/** The readable page of the API at `/docs`: everything it loads comes from here. */
export const docsPage = ({ url, path }: PublicAddress, hstsSubdomains: boolean): Router => {
  const router = Router();
  router.use(
    helmet({
      strictTransportSecurity: { includeSubDomains: hstsSubdomains },
      contentSecurityPolicy: {
        useDefaults: false,
        directives: {
          defaultSrc: ["'none'"],
          scriptSrc: ["'self'"],
          styleSrc: ["'self'", "'unsafe-inline'"],
          imgSrc: ["'self'", 'data:'],
          fontSrc: ["'self'", 'data:'],
          // Requests go to the server that the document names.
          connectSrc: ["'self'", ...(url === '' ? [] : [new URL(url).origin])],
          baseUri: ["'none'"],
          formAction: ["'none'"],
          frameAncestors: ["'none'"],
        },
      },
    }),
  );
  router.get('/', (_, response) => {
    response.type('html').send(page(path));
  });
  router.get('/start.js', (_, response) => {
    response.type('text/javascript').send(start(path));
  });
  for (const file of ['swagger-ui.css', 'swagger-ui-bundle.js']) {
    router.get(`/${file}`, (_, response) => {
      response.sendFile(file, { root: assets, maxAge: '1h' });
    });
  }
  return router;
};
