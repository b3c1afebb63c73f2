import type { Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PrometheusExporter, PrometheusSerializer } from '@opentelemetry/exporter-prometheus';
import { MeterProvider, type MetricData, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { Meter } from '@opentelemetry/api';
import type { Logger } from 'pino';
import { createTimedServer, listening } from '../http/server.js';
import { SCOPE } from './names.js';

/** What Prometheus scrapes. */
export interface PrometheusEndpoint {
  readonly meter: Meter;
  readonly url: string;
  close(): Promise<void>;
}

/** The format that every Prometheus reads. */
const TEXT = 'text/plain; version=0.0.4; charset=utf-8';
const CLIENT_MS = 10_000;

/** Serves `GET /metrics` on an address of its own. @throws {CannotListen} */
export const openPrometheus = async (options: {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly logger: Logger;
}): Promise<PrometheusEndpoint> => {
  const { host, port, version, logger } = options;
  const reader = new PrometheusExporter({ preventServerStart: true });
  const provider = new MeterProvider({ readers: [reader] });
  const serializer = new PrometheusSerializer('', false, undefined, true, true);
  const scrape = async (response: ServerResponse): Promise<void> => {
    const { resourceMetrics, errors } = await reader.collect();
    for (const error of errors) logger.warn({ err: error }, 'a metric could not be collected');
    const text = serializer.serialize(asPrometheusNames(resourceMetrics));
    response.writeHead(200, { 'Content-Type': TEXT }).end(text);
  };
  const server = createTimedServer(CLIENT_MS, (request, response) => {
    const [path] = (request.url ?? '').split('?');
    if (path !== '/metrics') {
      response.writeHead(404).end();
    } else if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.writeHead(405, { Allow: 'GET, HEAD' }).end();
    } else {
      scrape(response).catch((error: unknown) => {
        logger.error({ err: error }, 'metrics could not be collected');
        if (response.headersSent) response.destroy();
        else response.writeHead(500).end();
      });
    }
  });
  try {
    await listening(server, { host, port, setting: 'REELLOG_METRICS_PORT' });
  } catch (error) {
    await provider.shutdown();
    throw error;
  }
  const { port: chosen } = server.address() as AddressInfo;
  return {
    meter: provider.getMeter(SCOPE, version),
    url: `http://${host.includes(':') ? `[${host}]` : host}:${chosen}/metrics`,
    close: async () => {
      await ended(server);
      await provider.shutdown();
    },
  };
};

const ended = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve();
    });
    server.closeAllConnections();
  });

/** The exporter leaves out the unit, which OpenTelemetry's rules for Prometheus want in the name. */
const asPrometheusNames = (collected: ResourceMetrics): ResourceMetrics => ({
  ...collected,
  scopeMetrics: collected.scopeMetrics.map(({ scope, metrics }) => ({
    scope,
    metrics: metrics.map(withUnit),
  })),
});

const UNITS: Readonly<Record<string, string>> = { s: 'seconds', By: 'bytes', '1': 'ratio' };

const withUnit = (metric: MetricData): MetricData => {
  const { descriptor } = metric;
  const unit = UNITS[descriptor.unit];
  if (unit === undefined) return { ...metric, descriptor: { ...descriptor, unit: '' } };
  return { ...metric, descriptor: { ...descriptor, name: `${descriptor.name}_${unit}`, unit: '' } };
};
