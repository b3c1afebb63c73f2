import type { RequestHandler } from 'express';
import type { Logger } from 'pino';

/** One line for each request: never its headers, which hold tokens. */
export const requestLog =
  (logger: Logger): RequestHandler =>
  (request, response, next) => {
    if (!logger.isLevelEnabled('info')) {
      next();
      return;
    }
    const started = process.hrtime.bigint();
    response.once('close', () => {
      const ms = Number(process.hrtime.bigint() - started) / 1e6;
      logger.info(
        {
          method: request.method,
          path: request.originalUrl.split('?')[0],
          status: response.statusCode,
          ms: Math.round(ms * 10) / 10,
          correlationId: response.getHeader('X-Correlation-Id'),
          completed: response.writableFinished,
        },
        'request',
      );
    });
    next();
  };
