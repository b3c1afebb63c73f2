import {
  context,
  diag,
  metrics,
  propagation,
  trace,
  type Meter,
  type Tracer,
} from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
import type { Logger } from 'pino';
import type { Exported } from './exported.js';
import { SCOPE } from './names.js';

/** What is sent to where the environment says. */
export interface Export {
  readonly tracer: Tracer | undefined;
  readonly meter: Meter | undefined;
  close(): Promise<void>;
}

/** A collector that does not answer keeps the process so long at most when it stops. */
const FLUSH_MS = 3_000;
/** What one request to it may take, unless the environment says otherwise; the SDK's own 10 seconds hold up the end. */
const REQUEST_MS = 3_000;

/** Starts OpenTelemetry's SDK, which reads all the rest from the environment; once in a process. */
export const startExport = (
  exported: Exported,
  { version, logger }: { readonly version: string; readonly logger: Logger },
): Export => {
  diag.setLogger(
    {
      error: (message, ...details) => {
        logger.error({ details }, message);
      },
      warn: (message, ...details) => {
        logger.warn({ details }, message);
      },
      info: () => undefined,
      debug: () => undefined,
      verbose: () => undefined,
    },
    { suppressOverrideMessage: true },
  );
  process.env.OTEL_EXPORTER_OTLP_TIMEOUT ??= String(REQUEST_MS);
  const sdk = new NodeSDK({
    serviceName: process.env.OTEL_SERVICE_NAME ?? SCOPE,
    // Logs go to standard error; what is not asked for has nothing that would send it.
    logRecordProcessors: [],
    ...(exported.traces ? {} : { spanProcessors: [] }),
    ...(exported.metrics ? {} : { metricReaders: [] }),
  });
  sdk.start();
  return {
    tracer: exported.traces ? trace.getTracer(SCOPE, version) : undefined,
    meter: exported.metrics ? metrics.getMeter(SCOPE, version) : undefined,
    close: async () => {
      let timer: NodeJS.Timeout | undefined;
      const tooLong = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, FLUSH_MS);
      });
      await Promise.race([sdk.shutdown(), tooLong]).catch((error: unknown) => {
        logger.warn({ err: error }, 'the last traces or metrics could not be exported');
      });
      clearTimeout(timer);
      for (const api of [trace, metrics, context, propagation, diag]) api.disable();
    },
  };
};
